import type { Task } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Slack } from '../slack/client.ts';
import { isForGood } from '../slack/for-good.ts';
import type { Message } from '../slack/message.ts';
import { dateToken, escapeMrkdwn, truncate } from '../slack/mrkdwn.ts';
import { findPosted, postMessage } from '../slack/post.ts';
import type { PostPorts, PostTarget } from '../slack/post.ts';
import type { ActionRun } from './action-record.ts';

export interface ReportPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly slackFor: (signal: AbortSignal) => Slack;
  /** Tells the person who ran it, alone; false where they cannot be reached any more. */
  readonly tellAlone: (id: string, message: Message) => Promise<boolean>;
}

/** Says in the thread of the button what became of a run; where the app may not write there, to the person alone. */
export async function report(task: Task<ActionRun>, ports: ReportPorts): Promise<undefined> {
  const { data, id } = task.snapshot;
  const message = reportOf(data);
  const target = { channel: data.channel, thread: data.threadTs ?? data.messageTs };
  const call = { slack: ports.slackFor(task.signal), clock: ports.clock, signal: task.signal };
  try {
    if (task.attempts > 0 && (await isThere(task, target, call))) return undefined;
    task.stillMine();
    await postMessage(message, target, nonceOf(id), call);
  } catch (error) {
    if (!isForGood(error)) throw error;
    ports.log.warn(`${id}: its outcome could not be posted in ${data.channel}: ${messageOf(error)}`);
    if (!(await ports.tellAlone(id, message)))
      await postMessage(message, { channel: data.user.id }, nonceOf(id), call).catch((cause: unknown) => {
        if (!isForGood(cause)) throw cause;
        ports.log.warn(`${id}: nor could it be told to the person: ${messageOf(cause)}`);
      });
  }
  return undefined;
}

// An earlier try may have posted it, and ended before it could say so.
async function isThere({ snapshot }: Task<ActionRun>, target: PostTarget, call: PostPorts): Promise<boolean> {
  const since = (snapshot.data.startedAt ?? snapshot.createdAt) / 1000 - 60;
  // Where the app may not look, a second line is better than none.
  const found = await findPosted(target, nonceOf(snapshot.id), since, call, [0]).catch(() => undefined);
  return found !== undefined;
}

function nonceOf(id: string): string {
  return `${id}:report`;
}

const STATES = { done: '✅ {} is done', failed: '❌ {} failed', unknown: '❓ {}: outcome unknown' } as const;

/** What became of a run, for the thread: state first, then who and when; what people and services wrote as plain text. */
export function reportOf({ action, user, confirm, outcome, startedAt }: ActionRun): Message {
  if (outcome === undefined) throw new Error('nothing has become of it yet');
  const state = STATES[outcome.kind].replace('{}', `*${escapeMrkdwn(action)}*`);
  const first = `${state} · run by <@${user.id}> · ${dateToken((startedAt ?? 0) / 1000)}`;
  const line = withoutArns(outcome.line);
  const more = outcome.kind === 'done' ? withoutArns(outcome.said) : adviceOf(outcome);
  return {
    text: `${first}: ${escapeMrkdwn(line)}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: first } },
      ...[confirm, line, more]
        .filter((text) => text !== '')
        .map((text) => ({
          type: 'section',
          text: { type: 'plain_text', text: truncate(text, 2900), emoji: false },
        })),
    ],
  };
}

function adviceOf({ kind, spent }: { readonly kind: 'failed' | 'unknown'; readonly spent: boolean }): string {
  if (kind === 'unknown') return 'Ask the service what became of it before you run it again.';
  return spent ? '' : 'The button can be used again.';
}

// Names of accounts and roles are nothing for a channel; the log and the record have them.
function withoutArns(text: string): string {
  return text.replace(/\barn:aws[\w-]*:[^\s"',;<>)]+/g, 'arn:…');
}
