import { readBuild } from './build.ts';
import { parsePut } from './params.ts';
import { putMessage } from './put-message.ts';
import type { Step } from './run-step.ts';

/** The put step. */
export const out: Step = async (request, context) => {
  const build = readBuild(context.env);
  const put = await parsePut(request.source, request.params, build.status !== undefined);
  switch (put.shape) {
    case 'message':
      return putMessage(put, build, context);
    case 'approval':
      return (await import('./put-approval.ts')).putApproval(put, build, context);
    case 'claim':
      return (await import('./put-claim.ts')).putClaim(put, build, context);
    case 'call':
      return (await import('./put-call.ts')).putCall(put, build, context);
    default:
      return put satisfies never;
  }
};
