import { readBuild } from './build.ts';
import { parsePut } from './params.ts';
import { putMessage } from './put-message.ts';
import type { Step } from './run-step.ts';

/** The put step. */
export const out: Step = async (request, context) => {
  const build = readBuild(context.env);
  return putMessage(
    await parsePut(request.source, request.params, build.status !== undefined),
    build,
    context,
  );
};
