import { isRecord } from '../kit/json.ts';
import { formatSize } from '../kit/size.ts';
import { dateToken, escapeMrkdwn, splitMrkdwn, truncate, utc } from './mrkdwn.ts';

export interface LinkPart {
  readonly title: string;
  readonly url: string;
  readonly fileName: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export interface ImagePart {
  readonly title: string;
  readonly alt: string;
  readonly fileId: string;
}

export interface ButtonPart {
  readonly text: string;
  readonly actionId: string;
  readonly url?: string | undefined;
  readonly value?: string | undefined;
  readonly style?: 'primary' | 'danger' | undefined;
}

/** What a message is made of, before it is Block Kit. */
export interface MessageParts {
  /** mrkdwn when `plain` is false, else text that is shown letter by letter. */
  readonly text: string | undefined;
  readonly plain: boolean;
  /** Ready tokens such as `<@U0123>`. */
  readonly mentions: readonly string[];
  readonly blocks: readonly unknown[];
  readonly links: readonly LinkPart[];
  readonly images: readonly ImagePart[];
  readonly buttons: readonly ButtonPart[];
  /** Titles of the files that go into the thread, for those who only hear the notification. */
  readonly files: readonly string[];
}

export interface Message {
  /** What notifications show and screen readers read; with blocks it repeats their gist (slack.md 2.2). */
  readonly text: string;
  readonly blocks?: readonly unknown[];
}

const LONGEST_FALLBACK = 3000;
const BUTTONS_IN_BLOCK = 25;
const LONGEST_SECTION = 3000;
const LONGEST_TITLE = 300;

/** Builds the message: text, the author's blocks, links, images, buttons, in this order. mrkdwn alone needs no blocks. */
export function buildMessage(parts: MessageParts): Message {
  const mentions = parts.mentions.join(' ');
  const mrkdwn = parts.plain ? escapeMrkdwn(parts.text ?? '') : (parts.text ?? '');
  const spoken = joined(' ', mentions, mrkdwn);
  const extras = [
    ...parts.blocks,
    ...parts.links.map(linkBlockOf),
    ...parts.images.map(imageBlockOf),
    ...buttonBlocks(parts.buttons),
  ];
  const fallback =
    spoken ||
    parts.links
      .map(({ title, expiresAt }) => `${escapeMrkdwn(title)} (link until ${utc(expiresAt)})`)
      .concat(
        parts.images.map(({ title }) => escapeMrkdwn(title)),
        parts.files.map(escapeMrkdwn),
      )
      .join(', ') ||
    gistOf(parts.blocks).join(' ') ||
    'A message with blocks';
  if (extras.length === 0 && !(parts.plain && parts.text)) return { text: fallback };
  const blocks = [...textBlocks(parts, mentions), ...extras];
  return { text: truncate(fallback, LONGEST_FALLBACK), blocks };
}

// Readers of a notification and screen readers get nothing else of the author's blocks.
function gistOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(gistOf);
  if (!isRecord(value) || value['type'] === 'button') return [];
  const { type, text } = value;
  if (typeof text !== 'string') return Object.values(value).flatMap(gistOf);
  return [type === 'mrkdwn' ? text : escapeMrkdwn(text)];
}

function textBlocks(parts: MessageParts, mentions: string): unknown[] {
  if (!parts.plain) {
    const text = joined(' ', mentions, parts.text ?? '');
    return text === '' ? [] : splitMrkdwn(text).map((piece) => section({ type: 'mrkdwn', text: piece }));
  }
  const said = mentions === '' ? [] : [section({ type: 'mrkdwn', text: mentions })];
  const pieces = parts.text ? splitMrkdwn(parts.text) : [];
  return [...said, ...pieces.map((text) => section({ type: 'plain_text', text, emoji: false }))];
}

/**
 * A section whose title is the link, and what it leads to until when. A link in the text, not a button: Slack sends clicks on
 * buttons to the app and shows readers a warning when nothing answers (S28). Only an address too long for text gets a button.
 */
export function linkBlockOf(link: LinkPart, index = 0): Record<string, unknown> {
  const title = truncate(escapeMrkdwn(link.title.replace(/\s+/g, ' ')), LONGEST_TITLE);
  const name = truncate(escapeMrkdwn(link.fileName), LONGEST_TITLE);
  const facts = `${name} · ${formatSize(link.size)} · works until ${dateToken(link.expiresAt)}`;
  const text = `*<${link.url.replaceAll('&', '&amp;')}|${title}>*\n${facts}`;
  if (text.length <= LONGEST_SECTION) return section({ type: 'mrkdwn', text });
  return { ...section({ type: 'mrkdwn', text: `*${title}*\n${facts}` }), accessory: openButton(link, index) };
}

function openButton(link: LinkPart, index: number): Record<string, unknown> {
  return {
    type: 'button',
    text: { type: 'plain_text', text: 'Open' },
    accessibility_label: truncate(`Open ${link.title}`, 75),
    action_id: `open-${index + 1}`,
    url: link.url,
  };
}

/** An image of a file that Slack already has. */
export function imageBlockOf(image: ImagePart): Record<string, unknown> {
  return {
    type: 'image',
    slack_file: { id: image.fileId },
    alt_text: truncate(image.alt, 2000),
    title: { type: 'plain_text', text: truncate(image.title, 2000) },
  };
}

function buttonBlocks(buttons: readonly ButtonPart[]): unknown[] {
  const elements = buttons.map(({ text, actionId, url, value, style }) => ({
    type: 'button',
    text: { type: 'plain_text', text },
    action_id: actionId,
    ...(url !== undefined && { url }),
    ...(value !== undefined && { value }),
    ...(style !== undefined && { style }),
  }));
  const groups: unknown[] = [];
  for (let start = 0; start < elements.length; start += BUTTONS_IN_BLOCK) {
    groups.push({ type: 'actions', elements: elements.slice(start, start + BUTTONS_IN_BLOCK) });
  }
  return groups;
}

function section(text: object): Record<string, unknown> {
  return { type: 'section', text };
}

function joined(separator: string, ...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(separator);
}
