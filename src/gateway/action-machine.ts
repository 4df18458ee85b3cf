import type { Records } from '../durable/keeper.ts';
import type { Machine, Task } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Slack } from '../slack/client.ts';
import { dateToken, escapeMrkdwn, truncate } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import { postMessage } from '../slack/post.ts';
import type { Prepared } from './action.ts';
import type { Once, OnceEvent } from './allowance.ts';
import { ACTION_SCHEMA, decideAction, readRun } from './action-record.ts';
import type { ActionEvent, ActionNo, ActionRun } from './action-record.ts';
import type { ActionOutcome } from './run-action.ts';
import { isHarmless } from './refusal.ts';
import type { GatewayCall } from './call.ts';

export interface ActionPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly slackFor: (signal: AbortSignal) => Slack;
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
    effects: {
      lapse: { timer: () => ({ type: 'lapse' }) },
      call: { lane: 'gateway', run: (task) => makeCall(task, ports) },
      report: { lane: 'slack', run: (task) => report(task, ports) },
    },
  };
}

const INTERRUPTED: ActionOutcome = {
  kind: 'unknown',
  code: 'GATEWAY_OUTCOME_UNKNOWN',
  line: 'the listener was interrupted while the call was under way: it may have been done',
  hint: 'look at the service before you click again',
};

async function makeCall(task: Task<ActionRun>, ports: ActionPorts): Promise<ActionEvent> {
  const { data, id } = task.snapshot;
  const prepared = ports.prepare(data);
  if (prepared.kind === 'refused') return { type: 'outcome', outcome: notRun(prepared.message) };
  if (prepared.fingerprint !== data.fingerprint)
    return { type: 'outcome', outcome: notRun('the action was changed since the dialog was shown') };
  // A try before this one ended without a word: what must not be done twice is not done again.
  if (task.attempts > 0 && !isHarmless(prepared.call)) return { type: 'outcome', outcome: INTERRUPTED };
  task.stillMine();
  const outcome = await ports.call(prepared.call, task.signal);
  // It provably never left: the button may be used again.
  if (data.onceId !== undefined && outcome.kind === 'failed' && outcome.code === 'GATEWAY_UNREACHABLE')
    await ports.onces.send(data.onceId, { type: 'give_back', holder: id });
  return { type: 'outcome', outcome };
}

function notRun(line: string): ActionOutcome {
  return { kind: 'failed', code: 'GATEWAY_REFUSED', line, hint: 'click the button again' };
}

async function report(task: Task<ActionRun>, ports: ActionPorts): Promise<undefined> {
  const { data, id } = task.snapshot;
  task.stillMine();
  const call = { slack: ports.slackFor(task.signal), clock: ports.clock, signal: task.signal };
  try {
    await postMessage(
      reportOf(data),
      { channel: data.channel, thread: data.threadTs ?? data.messageTs },
      `${id}:report`,
      call,
    );
  } catch (error) {
    // The pipelines' app may be where ours is not: the audit has it all the same.
    if (!(error instanceof Fault) || error.code !== 'SLACK_REFUSED') throw error;
    ports.log.warn(`${id}: its outcome could not be posted: ${error.message}`);
  }
  return undefined;
}

const ICONS = { done: '✅', failed: '❌', unknown: '❓' } as const;

/** What became of a run, for the thread: state first, what people and services wrote as plain text. */
export function reportOf({ action, user, confirm, outcome, startedAt }: ActionRun): Message {
  if (outcome === undefined) throw new Error('nothing has become of it yet');
  const at = dateToken((startedAt ?? 0) / 1000);
  const first = `${ICONS[outcome.kind]} <@${user.id}> ran *${escapeMrkdwn(action)}* · ${at}`;
  const said = outcome.kind === 'done' ? outcome.said : (outcome.hint ?? '');
  const lines = [confirm, outcome.line, said].filter((line) => line !== '');
  return {
    text: `${first}: ${escapeMrkdwn(outcome.line)}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: first } },
      ...lines.map((line) => ({
        type: 'section',
        text: { type: 'plain_text', text: truncate(line, 2900), emoji: false },
      })),
    ],
  };
}
