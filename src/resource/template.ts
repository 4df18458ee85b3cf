import { didYouMean } from '../kit/did-you-mean.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { escapeMrkdwn } from '../slack/mrkdwn.ts';

export type Vars = ReadonlyMap<string, string>;

/** What surrounds a template: Slack's mrkdwn, where values must not act, or text that is shown or sent as it is. */
export type Placement = 'mrkdwn' | 'plain';

const PLACEHOLDER = /\\\{\{|\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Puts values into `{{name}}`; `\{{` stands for `{{`. The template is its author's and trusted, the values are not: in
 * mrkdwn they can neither ping, nor link, nor open a code span (S29, C30). Faults: TEMPLATE_INVALID for a name nobody
 * set, and for a value that would change what the author's own `<…>` token means.
 */
export function fill(template: string, vars: Vars, placement: Placement): string {
  if (!template.includes('{{')) return template;
  let open: Token | undefined;
  let last = 0;
  return template.replace(PLACEHOLDER, (whole, name: string | undefined, offset: number) => {
    open = tokenAfter(open, template.slice(last, offset));
    last = offset + whole.length;
    if (name === undefined) return '{{';
    const value = vars.get(name) ?? unknownName(name, vars);
    return placement === 'plain' ? value : intoMrkdwn(name, value, open);
  });
}

/** Fills every string inside a Block Kit value, each by what it is there: mrkdwn, an address, or plain text. */
export function fillBlocks(value: unknown, vars: Vars): unknown {
  if (Array.isArray(value)) return value.map((item) => fillBlocks(item, vars));
  if (!isRecord(value)) return typeof value === 'string' ? fill(value, vars, 'plain') : value;
  const type = value['type'];
  const entries = Object.entries(value).map(([key, child]) => {
    if (typeof child !== 'string') return [key, fillBlocks(child, vars)];
    if (key === 'text' && (type === 'mrkdwn' || type === 'markdown'))
      return [key, fill(child, vars, 'mrkdwn')];
    return [key, fill(child, vars, 'plain')];
  });
  return Object.fromEntries(entries);
}

/** An author's `<…` that is still open where a placeholder stands, and what follows the bracket so far. */
type Token = { readonly text: string };

function tokenAfter(open: Token | undefined, text: string): Token | undefined {
  const close = text.lastIndexOf('>');
  const start = text.lastIndexOf('<');
  if (start > close) return { text: text.slice(start + 1) };
  return close >= 0 ? undefined : open && { text: open.text + text };
}

function intoMrkdwn(name: string, value: string, open: Token | undefined): string {
  if (!open || open.text.includes('|')) return escapeMrkdwn(value);
  const refuse = (need: string) => {
    throw new Fault('TEMPLATE_INVALID', `{{${name}}} stands in <${open.text}…> and is not ${need}`, {
      hint: 'such a value could ping people or forge a link; write it outside of <…>, or mend the value',
    });
  };
  const sigil = /^(@|#|!subteam\^)$/.exec(open.text)?.[1];
  if (sigil !== undefined) return /^[A-Z0-9]{2,30}$/.test(value) ? value : refuse('a Slack id');
  if (open.text.startsWith('!')) return refuse('allowed there');
  if (open.text === '' && !/^https?:\/\/[^\s]/i.test(value)) return refuse('an http or https address');
  // Within the destination of a link: nothing may end it or start its label.
  return value.replace(/[|<>\s"`\p{Cc}]/gu, encodeURIComponent).replaceAll('&', '&amp;');
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
