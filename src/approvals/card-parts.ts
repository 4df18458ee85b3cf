import { escapeMrkdwn, truncate, visible } from '../slack/mrkdwn.ts';

export type Block = Readonly<Record<string, unknown>>;

/** Text without markup: what people wrote can neither ping nor link in it (S29). Slack refuses an empty one. */
export function plain(text: string, max: number): { type: string; text: string; emoji: boolean } {
  const seen = visible(text);
  return { type: 'plain_text', text: truncate(seen.trim() === '' ? '(empty)' : seen, max), emoji: false };
}

/** Our own markup, with what people wrote in it escaped. */
export function mrkdwn(text: string, max = 2000): { type: string; text: string } {
  return { type: 'mrkdwn', text: truncate(text, max) };
}

export function header(text: string): Block {
  return { type: 'header', text: plain(text, 150) };
}

export function section(text: object): Block {
  return { type: 'section', text };
}

/** A line of small print from the texts that are not empty. */
export function context(...texts: readonly string[]): Block {
  return {
    type: 'context',
    elements: texts.filter((text) => text !== '').map((text) => mrkdwn(text, 1200)),
  };
}

/** An id in `<@…>` or `<!…>`, as Slack shows and pings it; an address or name as plain text. */
export function mentionOf(who: string): string {
  if (/^[UW][A-Z0-9]+$/.test(who)) return `<@${who}>`;
  if (/^S[A-Z0-9]+$/.test(who)) return `<!subteam^${who}>`;
  if (who === '@here' || who === '@channel') return `<!${who.slice(1)}>`;
  return escapeMrkdwn(who);
}

const MOST_NAMED = 20;

/** `@ana, @ben and 3 more` */
export function mentionsOf(all: readonly string[]): string {
  const named = all.slice(0, MOST_NAMED).map(mentionOf).join(', ');
  return all.length > MOST_NAMED ? `${named} and ${all.length - MOST_NAMED} more` : named;
}

/** The label as a link where the address is one that Slack takes in mrkdwn, else the label alone. */
export function linked(label: string, url: unknown, longest = 3000): string {
  const text = escapeMrkdwn(label);
  return typeof url === 'string' && url.length <= longest && /^https?:\/\/[^\s|<>]+$/.test(url)
    ? `<${url.replaceAll('&', '&amp;')}|${text}>`
    : text;
}

/**
 * What blocks weigh against the limit that Slack does not document: 13,297 characters of all texts together, about 125 of
 * them for each further block (bolt-js 2509, S31).
 */
export function weightOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + PER_BLOCK + lettersOf(block), 0);
}

const PER_BLOCK = 125;

function lettersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + lettersOf(each), 0);
}
