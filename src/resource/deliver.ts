import { randomBytes } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import { channelId, isChannelId } from '../slack/channel-id.ts';
import type { Slack } from '../slack/client.ts';
import { postMessage, updateMessage } from '../slack/post.ts';
import type { Posted } from '../slack/post.ts';
import { slackErrorOf } from '../slack/refusal.ts';
import { mayLook, shareFiles } from '../slack/share.ts';
import type { UploadedFile } from '../slack/share.ts';
import { lint } from './compose.ts';
import { isFilesOnly, isReactionOnly, messagesOf, previewOf, reactionOf } from './draft.ts';
import type { Draft, Resolved } from './draft.ts';
import { resolveMentions } from './mentions.ts';
import { sendFiles } from './send-files.ts';
import type { Targets } from './targets.ts';

export interface DeliverPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly slack: Slack;
  readonly apiUrl: string;
}

/** A message that stands in Slack, and the channel's name as it was asked for. */
export type Sent = Posted & { readonly name: string };

/** Where the message went, per channel in the order asked for. */
export interface Delivery {
  readonly messages: readonly Sent[];
  readonly thread: string | undefined;
  /** Further lines for the metadata. */
  readonly notes: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Sends a draft: bytes first, unseen; then one parent message a channel; then files into its thread; then the reaction.
 * `sent` is filled as messages go out, for a caller that wants to know them when a later call fails.
 */
export async function deliver(draft: Draft, ports: DeliverPorts, sent: Sent[] = []): Promise<Delivery> {
  const { params, targets } = draft;
  if (params.delete_from !== undefined) return remove(draft, ports);
  if (isReactionOnly(params)) return react(draft, [await reactedTo(targets, ports)], ports);
  lint(previewOf(draft));
  const mentions = await resolveMentions(draft.mentions, ports.slack, ports.log);
  const { links, images, files, notes } = await sendFiles(draft, ports);
  const resolved = { mentions, links, images };
  const failures: Fault[] = [];
  for (const [index, channel] of targets.channels.entries()) {
    try {
      await deliverTo(channel, files[index] ?? [], { draft, resolved, sent }, ports);
    } catch (error) {
      if (!(error instanceof Fault) || !error.code.startsWith('SLACK_') || targets.channels.length === 1)
        throw error;
      failures.push(
        new Fault(error.code, `${channel}: ${error.message}`, { hint: error.hint, cause: error }),
      );
    }
  }
  if (failures.length > 0) throw joined(failures, sent);
  const delivery = await react(draft, sent, ports);
  return { ...delivery, notes: [...notes, ...delivery.notes] };
}

async function deliverTo(
  channel: string,
  files: readonly UploadedFile[],
  { draft, resolved, sent }: { draft: Draft; resolved: Resolved; sent: Sent[] },
  ports: DeliverPorts,
): Promise<void> {
  const { targets } = draft;
  if (files.length > 0 && isFilesOnly(draft, resolved) && targets.message === undefined) {
    const shared = await shareAlone(files, channel, targets.thread, ports);
    if (shared) {
      sent.push({ ...shared, name: channel });
      return;
    }
  }
  const known = targets.message?.channel ?? channel;
  const id = isChannelId(known) ? known : undefined;
  const { message, replies } = messagesOf(draft, resolved, id);
  const place = { channel, thread: targets.thread, broadcast: draft.params.broadcast };
  const posted = targets.message
    ? await updateMessage(message, targets.message, ports)
    : await postMessage(message, place, nonce(), ports);
  sent.push({ ...posted, name: channel });
  // An action's value is bound to a channel id; a name tells it only once Slack has answered.
  if (id === undefined && draft.written.buttons.some(({ action }) => action !== undefined)) {
    await updateMessage(messagesOf(draft, resolved, posted.channel).message, posted, ports);
  }
  // A reply has no thread of its own: what belongs to it goes where it stands.
  const thread = targets.thread ?? targets.message?.thread ?? posted.ts;
  for (const reply of replies) await postMessage(reply, { channel: posted.channel, thread }, nonce(), ports);
  if (files.length === 0) return;
  try {
    await shareFiles(files, { channel: posted.channel, thread }, ports);
  } catch (error) {
    const refused = error instanceof Fault && error.code === 'SLACK_REFUSED';
    if (!refused || targets.message || !(await takenBack(posted, ports))) throw error;
    sent.pop();
    const text = `${error.message}; the message was taken back`;
    throw new Fault(error.code, text, { hint: error.hint, cause: error.cause });
  }
}

// Files with nothing beside them are the message. Undefined where that cannot be: the channel's id is not to be had, or
// the app may not look where the files went, and Concourse wants the ts of a message.
async function shareAlone(
  files: readonly UploadedFile[],
  channel: string,
  thread: string | undefined,
  ports: DeliverPorts,
): Promise<Posted | undefined> {
  const [first] = files;
  if (!first || !(await mayLook(first, ports))) return undefined;
  const id = await channelId(channel, ports.slack);
  if (id === undefined) return undefined;
  const ts = await shareFiles(files, { channel: id, thread }, ports);
  return ts === undefined ? undefined : { channel: id, ts };
}

// chat:write.public posts where the app is not a member, but does not upload there (S5): a message without its files is
// taken back, so that the put can simply run again. Where Slack refuses that too, why the files failed is the news.
function takenBack({ channel, ts }: Posted, ports: DeliverPorts): Promise<boolean> {
  return ports.slack.call('chat.delete', { channel, ts }, 'read').then(
    () => true,
    (error: unknown) => slackErrorOf(error) === 'message_not_found',
  );
}

async function react(draft: Draft, messages: readonly Sent[], ports: DeliverPorts): Promise<Delivery> {
  const name = reactionOf(draft.params);
  const notes = name === undefined ? [] : [{ name: 'reaction', value: name }];
  if (name !== undefined) {
    for (const { channel, ts } of messages) {
      await ports.slack
        .call('reactions.add', { channel, timestamp: ts, name }, 'read')
        .catch((error: unknown) => {
          if (slackErrorOf(error) !== 'already_reacted') throw error;
        });
    }
  }
  return { messages, thread: threadOf(draft.targets), notes };
}

/** The parent that the version names: of the message a put rewrites, else of the one it writes. */
export function threadOf({ message, thread }: Targets): string | undefined {
  return message ? message.thread : thread;
}

async function remove(draft: Draft, ports: DeliverPorts): Promise<Delivery> {
  const at = target(draft.targets);
  await ports.slack
    .call('chat.delete', { channel: at.channel, ts: at.ts }, 'read')
    .catch((error: unknown) => {
      if (slackErrorOf(error) !== 'message_not_found') throw error;
      ports.log.info('the message was gone already');
    });
  return { messages: [at], thread: undefined, notes: [{ name: 'status', value: 'deleted' }] };
}

// A reaction names its message by the channel's id (S4).
async function reactedTo(targets: Targets, ports: DeliverPorts): Promise<Sent> {
  const at = target(targets);
  return { ...at, channel: (await channelId(at.channel, ports.slack)) ?? at.channel };
}

function target(targets: Targets): Sent {
  const { message, thread, channels } = targets;
  const at = message ?? { channel: channels[0] ?? '', ts: thread ?? '' };
  return { channel: at.channel, ts: at.ts, name: at.channel };
}

function nonce(): string {
  return randomBytes(12).toString('hex');
}

function joined(failures: readonly Fault[], sent: readonly Sent[]): Fault {
  const [first] = failures;
  const done = sent.length > 0 ? `; posted to ${sent.map(({ name }) => name).join(', ')}` : '';
  return new Fault(first?.code ?? 'SLACK_FAILED', failures.map(({ message }) => message).join('; ') + done, {
    hint: first?.hint,
  });
}
