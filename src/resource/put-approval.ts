import type { Listener } from '../approvals/client.ts';
import type { ApprovalView, OpenRequest } from '../approvals/contract.ts';
import { systemClock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import { prepareArtifacts } from './artifacts.ts';
import { originOf } from './build-origin.ts';
import type { Build } from './build.ts';
import { readVars } from './compose.ts';
import { faultOf, keyEnded, metadataOf, namesOf, oneLine, titleOf, when } from './decision.ts';
import { listenerOf } from './listener-of.ts';
import { linksOf, openRequest } from './open-request.ts';
import type { ApprovalPut } from './params.ts';
import type { Answer } from './put-message.ts';
import type { StepContext } from './run-step.ts';
import { storageWhenNeeded } from './storage.ts';
import { waitForDecision } from './wait-for-decision.ts';
import { warnOfNumbers } from './warn-of-numbers.ts';

/** A stop may come while the listener saves the request: this long its answer is waited for, because only it tells the id. */
const LATE_ANSWER_MS = 3000;
/** Concourse kills 10 s after SIGTERM, the step itself gives up after 8. */
const LEAVE_MS = 4000;

/**
 * The put that asks for an approval. With `wait` it is the gate: it ends when the request is approved, and fails in every
 * other case, saying who, when and why. Faults: APPROVAL_*, LISTENER_*, and those of its params, files and artifacts.
 */
export async function putApproval(put: ApprovalPut, build: Build, context: StepContext): Promise<Answer> {
  const request = await requestOf(put, build, context);
  const listener = listenerOf(put.source, context, 'to ask for an approval');
  context.signal.throwIfAborted();
  const late = lateSignal(context.signal);
  let opened = await listener.open(request, late);
  if (opened.gate !== request.gate)
    throw new Fault('LISTENER_FAILED', `asked at gate ${request.gate}, answered about gate ${opened.gate}`, {
      hint: 'check source.listener.url and what stands before it',
    });
  if (!request.wait && opened.status !== 'requested') return endedBefore(opened, put, context);
  context.log.info(`asked at gate ${opened.gate}: ${titleOf(opened)} (${opened.approval})`);
  const { unmatched = [] } = opened;
  if (unmatched.length > 0)
    context.log.warn(
      `not_by: nobody in Slack is ${unmatched.map(oneLine).join(', ')}; for each such name one more must approve: ${opened.quorum} in all`,
    );
  try {
    context.signal.throwIfAborted();
    const again = async () => (opened = await listener.open(request, late));
    const ports = { clock: systemClock, log: context.log, signal: context.signal, again };
    const view = request.wait ? await waitForDecision(opened, listener, ports) : opened;
    return answerOf(view, request, context);
  } catch (failure) {
    if (context.signal.aborted) await leave(opened, request, listener, context);
    throw failure;
  }
}

async function requestOf(put: ApprovalPut, build: Build, context: StepContext): Promise<OpenRequest> {
  const { source, params } = put;
  warnOfNumbers(params.vars, 'params.vars', context.log);
  const vars = readVars(params, build, context.dir);
  const request = openRequest({ put, vars, origin: originOf(build), context });
  if (!params.artifacts) return request;
  const artifacts = params.artifacts.map((artifact) => ({ ...artifact, as: 'link' as const }));
  const storage = storageWhenNeeded(source, { ...params, artifacts }, context, createHttp(context.env));
  const prepared = await prepareArtifacts(artifacts, {
    dir: context.dir,
    source,
    vars,
    dryRun: false,
    storage,
  });
  return { ...request, links: linksOf(prepared) };
}

// The key found a request that has ended. One that is approved still arrives, unless another build has used it up.
function endedBefore(view: ApprovalView, { params }: ApprovalPut, { log }: StepContext): Answer {
  const own = params.approval.key === undefined;
  const usedBy = view.use === 'once' && !own ? view.claimed_by : undefined;
  if (view.status !== 'approved' || usedBy !== undefined) throw keyEnded(view, own);
  const by = namesOf(view) === '' ? '' : ` by ${namesOf(view)}`;
  const until = view.valid_until === undefined ? '' : `, valid until ${when(view.valid_until)}`;
  log.info(`gate ${view.gate}: ${titleOf(view)} was approved${by} already${until} (${view.approval})`);
  return { version: { approval: view.approval, status: 'requested' }, metadata: metadataOf(view) };
}

function answerOf(view: ApprovalView, request: OpenRequest, { log }: StepContext): Answer {
  if (!request.wait) {
    log.info(`not waiting: the decision arrives by check of a gate resource, until ${when(view.ends_at)}`);
    return { version: { approval: view.approval, status: 'requested' }, metadata: metadataOf(view) };
  }
  if (view.status !== 'approved') throw faultOf(view);
  const by = namesOf(view) === '' ? '' : ` by ${namesOf(view)}`;
  const note = view.note === undefined ? '' : `: ${oneLine(view.note)}`;
  log.info(`approved${by}${note}`);
  return { version: { approval: view.approval, status: 'approved' }, metadata: metadataOf(view) };
}

function lateSignal(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  const stop = () => setTimeout(() => late.abort(signal.reason), LATE_ANSWER_MS).unref();
  signal.addEventListener('abort', stop, { once: true });
  return late.signal;
}

// The card should say at once that nobody waits any more. If it cannot be told, the listener notices by itself (C16).
async function leave(
  { approval }: ApprovalView,
  { wait, origin }: OpenRequest,
  listener: Listener,
  { log }: StepContext,
): Promise<void> {
  try {
    const body = { reason: 'build stopped', origin };
    await listener.leave(approval, wait ? 'detach' : 'withdraw', body, AbortSignal.timeout(LEAVE_MS));
    log.info('the listener knows that the build was stopped');
  } catch (error) {
    log.warn(`the listener could not be told that the build was stopped: ${messageOf(error)}`);
  }
}
