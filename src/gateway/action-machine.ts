import type { Records } from '../durable/keeper.ts';
import { Later } from '../durable/machine.ts';
import type { Machine, Task } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Prepared } from './action.ts';
import { ACTION_SCHEMA, decideAction, readRun } from './action-record.ts';
import type { ActionEvent, ActionNo, ActionRun } from './action-record.ts';
import { report } from './action-report.ts';
import type { ReportPorts } from './action-report.ts';
import type { Once, OnceEvent } from './allowance.ts';
import type { GatewayCall } from './call.ts';
import { isHarmless, nameOf } from './refusal.ts';
import type { ActionOutcome } from './run-action.ts';

export interface ActionPorts extends ReportPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** The call of a run by the configuration as it is now. */
  readonly prepare: (run: ActionRun) => Prepared;
  readonly call: (call: GatewayCall, signal: AbortSignal) => Promise<ActionOutcome>;
  readonly onces: Records<Once, OnceEvent, 'taken'>;
}

export type Actions = Records<ActionRun, ActionEvent, ActionNo>;

/** Runs of actions: the call is made once, and what became of it is said in the thread of its button. */
export function actionMachine(ports: ActionPorts): Machine<ActionRun, ActionEvent, ActionNo> {
  return {
    kind: 'action',
    schema: ACTION_SCHEMA,
    parse: readRun,
    write: (run) => ({ ...run }),
    decide: decideAction,
    restored: () => ({ type: 'restored' }),
    effects: {
      lapse: { timer: () => ({ type: 'lapse' }) },
      call: { lane: 'gateway', run: (task) => makeCall(task, ports) },
      release: { lane: 'own', run: (task) => release(task, ports) },
      report: { lane: 'slack', share: ({ channel }) => channel, run: (task) => report(task, ports) },
    },
  };
}

/** A call with all its repeats ends in this time, before the deadline of its effect: then its outcome can still be told. */
export const LONGEST_CALL_MS = 50_000;
/** So often a call that changes nothing is begun again after an interruption. */
const MOST_TRIES = 3;
const STORE_AWAY_MS = 1000;
const LOOK_FIRST = 'ask the service what became of it before you click again';

const INTERRUPTED: ActionOutcome = {
  kind: 'unknown',
  code: 'GATEWAY_OUTCOME_UNKNOWN',
  line: 'the listener was interrupted while the call was under way: it may have been done',
  hint: LOOK_FIRST,
  spent: true,
};

async function makeCall(task: Task<ActionRun>, ports: ActionPorts): Promise<ActionEvent> {
  const outcome = await outcomeOf(task, ports);
  const hint = outcome.kind === 'done' || outcome.hint === undefined ? '' : `; hint: ${outcome.hint}`;
  ports.log.info(`${task.snapshot.id}: ${outcome.kind}: ${outcome.line}${hint}`);
  return { type: 'outcome', outcome };
}

async function outcomeOf(task: Task<ActionRun>, ports: ActionPorts): Promise<ActionOutcome> {
  const { data } = task.snapshot;
  const prepared = ports.prepare(data);
  const isSame = prepared.kind === 'ready' && prepared.fingerprint === data.fingerprint;
  // A try before this one ended without a word: what must not be done twice is not done again.
  if (task.attempts > 0 && !(isSame && isHarmless(prepared.call) && task.attempts < MOST_TRIES))
    return INTERRUPTED;
  if (prepared.kind === 'refused') return notRun(prepared.message);
  if (!isSame) return notRun('the action was changed since the dialog was shown');
  if (!(await holdsUse(task, ports))) return notRun('the button was used by another click');
  task.stillMine();
  return inTime(prepared.call, task, ports);
}

// Read again just before the call: whatever happened on the way here, one use is one call.
async function holdsUse({ snapshot }: Task<ActionRun>, { onces }: ActionPorts): Promise<boolean> {
  const { onceId } = snapshot.data;
  if (onceId === undefined) return true;
  try {
    return (await onces.read(onceId))?.data.holder === snapshot.id;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'STORE_UNAVAILABLE') throw error;
    throw new Later(STORE_AWAY_MS, error.message);
  }
}

async function inTime(call: GatewayCall, task: Task<ActionRun>, ports: ActionPorts): Promise<ActionOutcome> {
  const ended = new AbortController();
  const tooLong = new AbortController();
  ports.clock.sleep(LONGEST_CALL_MS, ended.signal).then(
    () => tooLong.abort(new Error('took too long')),
    () => undefined,
  );
  try {
    return await ports.call(call, AbortSignal.any([task.signal, tooLong.signal]));
  } catch (error) {
    if (!tooLong.signal.aborted || task.signal.aborted) throw error;
    const line = `${nameOf(call)} was not answered within ${LONGEST_CALL_MS / 1000} s`;
    if (isHarmless(call))
      return { kind: 'failed', code: 'GATEWAY_TIMEOUT', line, hint: undefined, spent: false };
    const doubt = `${line}: it may have been done`;
    return { kind: 'unknown', code: 'GATEWAY_OUTCOME_UNKNOWN', line: doubt, hint: LOOK_FIRST, spent: true };
  } finally {
    ended.abort();
  }
}

function notRun(why: string): ActionOutcome {
  const line = `nothing was called: ${why}`;
  return { kind: 'failed', code: 'GATEWAY_REFUSED', line, hint: undefined, spent: false };
}

// The run is over, or never began: its button may be used again.
async function release(
  { snapshot: { id, data } }: Task<ActionRun>,
  { onces }: ActionPorts,
): Promise<undefined> {
  if (data.onceId !== undefined) await onces.send(data.onceId, { type: 'give_back', holder: id });
  return undefined;
}
