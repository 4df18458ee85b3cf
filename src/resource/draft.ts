import { systemClock } from '../kit/clock.ts';
import { isChannelId } from '../slack/channel-id.ts';
import type { ImagePart, LinkPart } from '../slack/message.ts';
import { buildMessages } from '../slack/overflow.ts';
import type { Messages } from '../slack/overflow.ts';
import type { PreparedArtifact } from './artifacts.ts';
import { buttonParts } from './compose.ts';
import type { Written } from './compose.ts';
import { placeholders } from './mentions.ts';
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

/** What only Slack can tell of a draft: who is mentioned, and which artifacts became links and images. */
export interface Resolved {
  readonly mentions: readonly string[];
  readonly links: readonly LinkPart[];
  readonly images: readonly ImagePart[];
}

/** The message for one channel, and its replies. Without the channel's id, buttons with an action are left out. */
export function messagesOf(draft: Draft, resolved: Resolved, channel: string | undefined): Messages {
  const files = draft.artifacts.filter(({ mode }) => mode === 'upload').map(({ title }) => title);
  const buttons = buttonParts(draft.written.buttons, channel, draft.source, systemClock.now());
  return buildMessages({ ...draft.written, ...resolved, buttons, files });
}

/** The message as it would be sent, with stand-ins for what only Slack can tell. */
export function previewOf(draft: Draft, channel = draft.targets.channels[0] ?? ''): Messages {
  return messagesOf(draft, previewPartsOf(draft), isChannelId(channel) ? channel : 'C0000000000');
}

/** Stand-ins for what only Slack can tell. */
export function previewPartsOf({ artifacts, mentions }: Draft): Resolved {
  const images = artifacts.filter(({ mode }) => mode === 'image').map((item) => imageOf(item, 'F0000000000'));
  return { mentions: placeholders(mentions), links: linksOf(artifacts), images };
}

/** The artifacts that were asked for as links. */
export function linksOf(artifacts: readonly PreparedArtifact[]): LinkPart[] {
  return artifacts.flatMap((item) => (item.mode === 'link' && item.link ? [linkOf(item, item.link)] : []));
}

export function linkOf(
  { title, fileName, size }: PreparedArtifact,
  link: { url: string; expiresAt: number },
): LinkPart {
  return { title, fileName, size, url: link.url, expiresAt: link.expiresAt };
}

export function imageOf({ title, alt }: PreparedArtifact, fileId: string): ImagePart {
  return { title, alt, fileId };
}

/** True when files are all there is to post: they then are the message, not its thread. Slack broadcasts no files. */
export function isFilesOnly({ written, params }: Draft, resolved: Resolved): boolean {
  if (params.broadcast === true) return false;
  const parts = [written.blocks, written.buttons, resolved.mentions, resolved.links, resolved.images];
  return !written.text && parts.every((list) => list.length === 0);
}

const SAYS = ['text', 'text_file', 'blocks', 'blocks_file', 'artifacts', 'buttons', 'mention'] as const;

/** True for a put that adds a reaction to an earlier message and says nothing. */
export function isReactionOnly(params: MessageParams): boolean {
  return params.react !== undefined && SAYS.every((key) => params[key] === undefined);
}

/** The name of the emoji to react with, without the colons it may be written in. */
export function reactionOf({ react }: MessageParams): string | undefined {
  return react?.replace(/^:|:$/g, '');
}
