import { randomBytes } from 'node:crypto';
import { systemClock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import type { Slack } from '../slack/client.ts';
import { channelId, isChannelId } from '../slack/channel-id.ts';
import { buildMessage } from '../slack/message.ts';
import type { ImagePart, LinkPart, Message } from '../slack/message.ts';
import { postMessage, updateMessage } from '../slack/post.ts';
import type { Posted } from '../slack/post.ts';
import { slackErrorOf } from '../slack/refusal.ts';
import { readyImage, shareFiles } from '../slack/share.ts';
import type { UploadedFile } from '../slack/share.ts';
import { uploadBytes } from '../slack/upload.ts';
import type { PreparedArtifact } from './artifacts.ts';
import { buttonParts, lint } from './compose.ts';
import type { Written } from './compose.ts';
import { placeholders, resolveMentions } from './mentions.ts';
import type { Mention } from './mentions.ts';
import type { MessageParams } from './schema.ts';
import type { Source } from './source.ts';
import type { Targets } from './targets.ts';

/** A message that has passed every check and is ready to go out. */
export interface Draft {
  readonly written: Written;
  readonly mentions: readonly Mention[];
  readonly artifacts: readonly PreparedArtifact[];
  readonly targets: Targets;
  readonly params: MessageParams;
  readonly source: Source;
}

export interface DeliverPorts {
  readonly http: Http;
  readonly clock: typeof systemClock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly slack: Slack;
  readonly apiUrl: string;
}

/** Where the message went, per channel in the order asked for. */
export interface Delivery {
  readonly messages: readonly (Posted & { readonly name: string })[];
  readonly thread: string | undefined;
  /** Further lines for the metadata. */
  readonly notes: readonly { readonly name: string; readonly value: string }[];
}

/** Artifacts after their bytes are with Slack. */
interface Ready {
  readonly links: readonly LinkPart[];
  readonly images: readonly ImagePart[];
  /** Uploaded files that go into a thread, one set of ids for each channel. */
  readonly files: readonly (readonly UploadedFile[])[];
}

/** Sends a draft: bytes first, unseen; then one parent message a channel; then files into its thread; then the reaction. */
export async function deliver(draft: Draft, ports: DeliverPorts): Promise<Delivery> {
  const { params, targets } = draft;
  if (params.delete_from !== undefined) return remove(draft, ports);
  if (isReactionOnly(draft)) return react(draft, [await reactedTo(targets, ports)], ports);
  lint(previewOf(draft));
  const mentions = await resolveMentions(draft.mentions, ports.slack, ports.log);
  const ready = await sendFiles(draft, ports);
  const messages: (Posted & { name: string })[] = [];
  const failures: Fault[] = [];
  for (const [index, channel] of targets.channels.entries()) {
    try {
      messages.push({
        ...(await deliverTo(channel, ready.files[index] ?? [], { draft, mentions, ready }, ports)),
        name: channel,
      });
    } catch (error) {
      if (!(error instanceof Fault) || !error.code.startsWith('SLACK_') || targets.channels.length === 1)
        throw error;
      failures.push(
        new Fault(error.code, `${channel}: ${error.message}`, { hint: error.hint, cause: error }),
      );
    }
  }
  if (failures.length > 0) throw joined(failures, messages);
  return react(draft, messages, ports);
}

/** The message as it would be sent, with stand-ins for what only Slack can tell. */
export function previewOf(draft: Draft, channel = draft.targets.channels[0] ?? ''): Message {
  const images = draft.artifacts
    .filter(({ mode }) => mode === 'image')
    .map((item) => imageOf(item, 'F0000000000'));
  const id = isChannelId(channel) ? channel : 'C0000000000';
  return messageOf(draft, placeholders(draft.mentions), { links: linksOf(draft.artifacts), images }, id);
}

interface Content {
  readonly draft: Draft;
  readonly mentions: readonly string[];
  readonly ready: Ready;
}

async function deliverTo(
  channel: string,
  files: readonly UploadedFile[],
  content: Content,
  ports: DeliverPorts,
): Promise<Posted> {
  const { draft, mentions, ready } = content;
  const { targets, params } = draft;
  const render = (id: string | undefined) => messageOf(draft, mentions, ready, id);
  const filesOnly = files.length > 0 && isEmpty(draft, mentions, ready);
  if (filesOnly && targets.message === undefined) {
    const id = await channelId(channel, ports.slack);
    const ts = id && (await shareFiles(files, { channel: id, thread: targets.thread }, ports));
    if (id && ts) return { channel: id, ts };
    if (id) return { channel: id, ts: await parentOf(id, files, ports) };
  }
  const known = targets.message?.channel ?? channel;
  const id = isChannelId(known) ? known : undefined;
  const nonce = randomBytes(12).toString('hex');
  const posted = targets.message
    ? await updateMessage(render(id), targets.message, ports)
    : await postMessage(
        render(id),
        { channel, thread: targets.thread, broadcast: params.broadcast },
        nonce,
        ports,
      );
  // An action's value is bound to a channel id; a name tells it only once Slack has answered.
  if (id === undefined && draft.written.buttons.some(({ action }) => action !== undefined)) {
    await updateMessage(render(posted.channel), posted, ports);
  }
  if (files.length > 0) await shareInThread(files, posted, draft, ports);
  return posted;
}

// chat:write.public posts where the app is not a member, but does not upload there (S5): a message without its files is
// taken back, so that the put can simply run again.
async function shareInThread(
  files: readonly UploadedFile[],
  posted: Posted,
  { targets }: Draft,
  ports: DeliverPorts,
): Promise<void> {
  try {
    // A reply has no thread of its own: its files go where it stands.
    const thread = targets.thread ?? targets.message?.thread ?? posted.ts;
    await shareFiles(files, { channel: posted.channel, thread }, ports);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SLACK_REFUSED' || targets.message !== undefined)
      throw error;
    await ports.slack.call('chat.delete', { channel: posted.channel, ts: posted.ts }, 'read');
    throw new Fault(error.code, `${error.message}; the message was taken back`, {
      hint: error.hint,
      cause: error.cause,
    });
  }
}

// Shared, but the app may not read where: the step still owes Concourse a version.
async function parentOf(
  channel: string,
  files: readonly UploadedFile[],
  ports: DeliverPorts,
): Promise<string> {
  ports.log.warn(
    'without files:read the message of the upload is unknown; the version holds the file instead',
  );
  return `${Math.floor(ports.clock.now() / 1000)}.${files[0]?.id ?? channel}`;
}

async function sendFiles(draft: Draft, ports: DeliverPorts): Promise<Ready> {
  const links = linksOf(draft.artifacts);
  const images: ImagePart[] = [];
  const late: PreparedArtifact[] = [];
  for (const item of draft.artifacts.filter(({ mode }) => mode === 'image')) {
    const image = await sendImage(item, ports);
    if (image) images.push(image);
    else if (item.link) links.push(linkPart(item, item.link));
    else late.push(item);
  }
  const uploads = [...draft.artifacts.filter(({ mode }) => mode === 'upload'), ...late];
  const files: UploadedFile[][] = [];
  // A file can be shared once with a thread, so each channel gets its own.
  for (const _channel of draft.targets.channels) {
    const set: UploadedFile[] = [];
    for (const item of uploads) set.push(await sendFile(item, ports));
    files.push(set);
  }
  return { links, images, files };
}

// Undefined when Slack does not take or show the image: the message goes out with a link instead (slack.md SO7).
async function sendImage(item: PreparedArtifact, ports: DeliverPorts): Promise<ImagePart | undefined> {
  try {
    const file = await sendFile(item, ports);
    if (await readyImage(file, ports)) return imageOf(item, file.id);
    ports.log.warn(
      `Slack does not show ${item.fileName} as an image (not ready in time, of another type, or the app lacks files:read): posted as ${item.link ? 'a link' : 'an upload'} instead`,
    );
  } catch (error) {
    const refused =
      error instanceof Fault && (error.code === 'SLACK_REFUSED' || error.code === 'SLACK_FAILED');
    // Without the means to upload at all, only a link is left; a bad token fails the message anyway.
    if (!refused || !item.link || slackErrorOf(error) === 'invalid_auth') throw error;
    ports.log.warn(`${error.message}: posted as a link instead`);
  }
  return undefined;
}

async function sendFile(item: PreparedArtifact, ports: DeliverPorts): Promise<UploadedFile> {
  const id = await uploadBytes({ name: item.fileName, size: item.size, open: () => item.open() }, ports);
  return { id, title: item.title };
}

async function react(
  draft: Draft,
  messages: readonly (Posted & { name: string })[],
  ports: DeliverPorts,
): Promise<Delivery> {
  const name = draft.params.react?.replace(/^:|:$/g, '');
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
  return {
    messages,
    thread: draft.targets.message ? draft.targets.message.thread : draft.targets.thread,
    notes,
  };
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
async function reactedTo(targets: Targets, ports: DeliverPorts): Promise<Posted & { name: string }> {
  const at = target(targets);
  return { ...at, channel: (await channelId(at.channel, ports.slack)) ?? at.channel };
}

function target(targets: Targets): Posted & { name: string } {
  const { message, thread, channels } = targets;
  const at = message ?? { channel: channels[0] ?? '', ts: thread ?? '' };
  return { channel: at.channel, ts: at.ts, name: at.channel };
}

function isReactionOnly({ params, written, artifacts, targets }: Draft): boolean {
  const silent =
    written.text === undefined &&
    written.blocks.length === 0 &&
    written.buttons.length === 0 &&
    artifacts.length === 0;
  return (
    silent && params.react !== undefined && (targets.message !== undefined || targets.thread !== undefined)
  );
}

function isEmpty(
  { written }: Draft,
  mentions: readonly string[],
  ready: Pick<Ready, 'links' | 'images'>,
): boolean {
  return (
    !written.text &&
    [written.blocks, written.buttons, mentions, ready.links, ready.images].every((list) => list.length === 0)
  );
}

function messageOf(
  draft: Draft,
  mentions: readonly string[],
  ready: Pick<Ready, 'links' | 'images'>,
  channel: string | undefined,
): Message {
  const files = draft.artifacts.filter(({ mode }) => mode === 'upload').map(({ title }) => title);
  const buttons = buttonParts(draft.written.buttons, channel, draft.source, systemClock.now());
  return buildMessage({
    ...draft.written,
    mentions,
    links: ready.links,
    images: ready.images,
    buttons,
    files,
  });
}

function linksOf(artifacts: readonly PreparedArtifact[]): LinkPart[] {
  return artifacts.flatMap((item) => (item.mode === 'link' && item.link ? [linkPart(item, item.link)] : []));
}

function linkPart(
  { title, fileName, size }: PreparedArtifact,
  { url, expiresAt }: { url: string; expiresAt: number },
): LinkPart {
  return { title, fileName, size, url, expiresAt };
}

function imageOf({ title, alt }: PreparedArtifact, fileId: string): ImagePart {
  return { title, alt, fileId };
}

function joined(failures: readonly Fault[], sent: readonly (Posted & { name: string })[]): Fault {
  const [first] = failures;
  const done = sent.length > 0 ? `; posted to ${sent.map(({ name }) => name).join(', ')}` : '';
  return new Fault(first?.code ?? 'SLACK_FAILED', failures.map(({ message }) => message).join('; ') + done, {
    hint: first?.hint,
  });
}
