import { didYouMean } from '../kit/did-you-mean.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { escapeMrkdwn } from '../slack/mrkdwn.ts';

export type Vars = ReadonlyMap<string, string>;

/**
 * What a template is: Slack's mrkdwn or the text of a markdown block, where values must not act; an address, whose host
 * they must not change; or text that is shown or sent as it is.
 */
export type Placement = 'mrkdwn' | 'markdown' | 'url' | 'plain';

// Stands for a value that was put in, while the template is read on.
const FILLED = '\ufffc';
const WORD_JOINER = '\u2060';
const PLACEHOLDER = /\\\{\{|\{\{([^{}]*)\}\}/g;
/** No `<…>` token and no address is longer. Bounds what is read around a placeholder, so that a huge template takes no time. */
const LONGEST_TOKEN = 4000;

/**
 * Puts values into `{{name}}`; `\{{` stands for `{{`. The template is its author's and trusted, the values are not: they
 * can neither ping, nor link, nor open a code span (S29, C30). Faults: TEMPLATE_INVALID for a name nobody set, and for a
 * value that would change what the author's own `<…>` token or address means.
 */
export function fill(template: string, vars: Vars, placement: Placement): string {
  if (!template.includes('{{')) return template;
  let last = 0;
  let before = '';
  return template.replace(PLACEHOLDER, (whole, inner: string | undefined, offset: number) => {
    before = (before + template.slice(last, offset)).slice(-LONGEST_TOKEN);
    last = offset + whole.length;
    if (inner === undefined) return '{{';
    const name = inner.trim();
    const hole = { name, placement, before, after: template.slice(last, last + LONGEST_TOKEN) };
    before += FILLED;
    return placed(vars.get(name) ?? unknownName(name, vars), hole);
  });
}

/** Fills every string inside a Block Kit value, each by what it is there: mrkdwn, an address, or plain text. */
export function fillBlocks(value: unknown, vars: Vars): unknown {
  if (Array.isArray(value)) return value.map((item) => fillBlocks(item, vars));
  if (!isRecord(value)) return typeof value === 'string' ? fill(value, vars, 'plain') : value;
  const given = value['type'];
  // A type may be a template too: what it becomes decides.
  const type = typeof given === 'string' ? fill(given, vars, 'plain') : undefined;
  const entries = Object.entries(value).map(([key, child]) => [
    key,
    typeof child === 'string' ? fill(child, vars, placementOf(key, type)) : fillBlocks(child, vars),
  ]);
  return Object.fromEntries(entries);
}

function placementOf(key: string, type: string | undefined): Placement {
  if (key === 'text' && (type === 'mrkdwn' || type === 'markdown')) return type;
  return /(?:^|_)url$/.test(key) ? 'url' : 'plain';
}

/** Where a value goes: its name, and the template around it, with `FILLED` for the values before it. */
interface Hole {
  readonly name: string;
  readonly placement: Placement;
  readonly before: string;
  readonly after: string;
}

function placed(value: string, hole: Hole): string {
  const { placement, before, after } = hole;
  if (placement === 'plain') return value;
  if (placement === 'url') return intoAddress(value, before, hole.name);
  const token = openToken(before, after);
  if (token !== undefined && !token.includes('|')) return intoToken(value, token, hole.name);
  if (placement === 'mrkdwn') return escapeMrkdwn(value);
  const link = /\]\(([^()\n]*)$/.exec(before)?.[1];
  if (link !== undefined) return intoAddress(value, link, hole.name);
  // `[label](address)` is a link in markdown; no bracket of a value may end such a label.
  return escapeMrkdwn(value).replaceAll(']', `]${WORD_JOINER}`);
}

// What the author's own `<…` token says so far where a placeholder stands in one, else undefined: a `<` that means
// "less than" is followed by a space, or by what begins no token, or is never closed.
function openToken(before: string, after: string): string | undefined {
  const start = before.lastIndexOf('<');
  if (start < 0 || before.indexOf('>', start) >= 0 || !after.includes('>')) return undefined;
  const text = before.slice(start + 1);
  return text === '' || /^(?:[@#!\ufffc]|[a-z][a-z0-9+.-]*:)/i.test(text) ? text : undefined;
}

function intoToken(value: string, token: string, name: string): string {
  const inToken = `stands in <${token.replaceAll(FILLED, '…')}…> and is not`;
  const sigil = /^(@|#|!subteam\^)$/.exec(token)?.[1];
  if (sigil !== undefined && !/^[A-Z0-9]{2,30}$/.test(value)) refuse(name, `${inToken} a Slack id`);
  if (sigil !== undefined) return value;
  if (token.startsWith('!')) refuse(name, `${inToken} allowed there`);
  return intoAddress(value, token, name).replaceAll('&', '&amp;');
}

// Nothing may end the address it stands in, start a label, or change the host that the author wrote.
function intoAddress(value: string, before: string, name: string): string {
  const host = /^https?:\/\/([^/?#]*)$/i.exec(before)?.[1];
  if (before === '' && !/^https?:\/\/[^\s]/i.test(value))
    refuse(name, 'is where a link leads to and is not an http or https address');
  if (host !== undefined && /(?:^|[.:@-])$/.test(host) && !/^[a-z0-9.-]+(?::\d+)?$/i.test(value))
    refuse(name, 'stands in the host of an address and is not a host name');
  if (host !== undefined && /[^.:@-]$/.test(host) && !/^(?:[/?#]|$)/.test(value))
    refuse(name, 'follows the host of an address and does not begin with a slash');
  return value.replace(/[|<>\s"`()[\]\\\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, percent);
}

function percent(char: string): string {
  return Buffer.from(char).toString('hex').toUpperCase().replace(/../g, '%$&');
}

function refuse(name: string, why: string): never {
  throw new Fault('TEMPLATE_INVALID', `{{${name}}} ${why}`, {
    hint: 'such a value could ping people or forge a link; write it elsewhere, or mend the value',
  });
}

function unknownName(name: string, vars: Vars): never {
  const near = didYouMean(name, [...vars.keys()]);
  const own = [...vars.keys()].filter((key) => !/^(?:BUILD|ATC)_/.test(key));
  throw new Fault('TEMPLATE_INVALID', `{{${name}}} is not defined`, {
    hint: near
      ? `did you mean {{${near}}}?`
      : `set it under params.vars or params.vars_files (now ${own.join(', ') || 'empty'}), or write \\{{ for two braces`,
  });
}
