import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { stringAt, valueAt } from './answer.ts';
import { channelId } from './channel-id.ts';
import type { Slack } from './client.ts';
import type { Message } from './message.ts';

export interface PostTarget {
  /** Name, `#name`, or id. */
  readonly channel: string;
  readonly thread?: string | undefined;
  readonly broadcast?: boolean | undefined;
}

export interface Posted {
  readonly channel: string;
  readonly ts: string;
}

export interface PostPorts {
  readonly slack: Slack;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const EVENT_TYPE = 'concourse_put';

/**
 * Posts a message once. When Slack's answer is lost, the message is looked up by the nonce in its metadata where the app
 * may read history; it is never sent again (S11). Faults: SLACK_*.
 */
export async function postMessage(
  message: Message,
  target: PostTarget,
  nonce: string,
  ports: PostPorts,
): Promise<Posted> {
  const since = ports.clock.now() / 1000 - 60;
  try {
    const args = postArguments(message, target, nonce);
    const answer = await ports.slack.call('chat.postMessage', args, 'once');
    return postedOf(answer, target.channel);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SLACK_OUTCOME_UNKNOWN') throw error;
    // Without the scopes to look nobody can tell: then the doubt itself is reported.
    const found = await findPosted(target, nonce, since, ports).catch(() => undefined);
    if (found === undefined) throw error;
    return found;
  }
}

/** What chat.postMessage is called with. */
export function postArguments(message: Message, target: PostTarget, nonce: string): Record<string, unknown> {
  return {
    channel: target.channel,
    text: message.text,
    blocks: message.blocks,
    thread_ts: target.thread,
    reply_broadcast: target.thread === undefined ? undefined : target.broadcast,
    // An unfurler would fetch a presigned link (S10), and a build's message needs no previews.
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: EVENT_TYPE, event_payload: { id: nonce } },
  };
}

/** What chat.update is called with. Both text and blocks are sent: one alone would wipe or outdate the other (S18). */
export function updateArguments(message: Message, at: Posted): Record<string, unknown> {
  // Unlike chat.postMessage this method makes names and addresses in plain text live unless it is told not to (S29).
  return { channel: at.channel, ts: at.ts, text: message.text, blocks: message.blocks ?? [], parse: 'none' };
}

/** Rewrites a message of ours. Faults: SLACK_*. */
export async function updateMessage(message: Message, at: Posted, ports: PostPorts): Promise<Posted> {
  const answer = await ports.slack.call('chat.update', updateArguments(message, at), 'read');
  return postedOf(answer, at.channel, at.ts);
}

function postedOf(answer: unknown, channel: string, ts?: string): Posted {
  return { channel: stringAt(answer, 'channel') ?? channel, ts: stringAt(answer, 'ts') ?? ts ?? missing() };
}

function missing(): never {
  throw new Fault('SLACK_OUTCOME_UNKNOWN', 'Slack took the message but did not say where it is', {
    hint: 'look into the channel before you run the step again',
  });
}

/**
 * The message that was posted with a nonce since then (in seconds), where the app may read history: it is looked for at
 * each of the `pauses` (in milliseconds), because a message may appear late. Faults: SLACK_*.
 */
export async function findPosted(
  target: PostTarget,
  nonce: string,
  since: number,
  ports: PostPorts,
  pauses: readonly number[] = [500, 2000, 5000],
): Promise<Posted | undefined> {
  const channel = await channelId(target.channel, ports.slack);
  if (channel === undefined) return undefined;
  const method = target.thread === undefined ? 'conversations.history' : 'conversations.replies';
  const args = {
    channel,
    ts: target.thread,
    oldest: since.toFixed(6),
    limit: 100,
    include_all_metadata: true,
  };
  for (const pause of pauses) {
    await ports.clock.sleep(pause, ports.signal);
    const answer = await ports.slack.call(method, args, 'read');
    const messages = valueAt(answer, 'messages');
    const list: readonly unknown[] = Array.isArray(messages) ? messages : [];
    const found = list.find((message) => valueAt(message, 'metadata', 'event_payload', 'id') === nonce);
    const ts = stringAt(found, 'ts');
    if (ts !== undefined) return { channel, ts };
  }
  return undefined;
}
