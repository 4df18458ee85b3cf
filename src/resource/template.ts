import { didYouMean } from '../kit/did-you-mean.ts';
import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { escapeMrkdwn } from '../slack/mrkdwn.ts';

export type Vars = ReadonlyMap<string, string>;

/** What surrounds a template: Slack's mrkdwn, where values must not act, or text that is shown or sent as it is. */
export type Placement = 'mrkdwn' | 'plain';

// Stands for a value that was put in, while the template is read on.
const FILLED = '\ufffc';
const PLACEHOLDER = /\\\{\{|\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Puts values into `{{name}}`; `\{{` stands for `{{`. The template is its author's and trusted, the values are not: in
 * mrkdwn they can neither ping, nor link, nor open a code span (S29, C30). Faults: TEMPLATE_INVALID for a name nobody
 * set, and for a value that would change what the author's own `<…>` token means.
 */
export function fill(template: string, vars: Vars, placement: Placement): string {
  if (!template.includes('{{')) return template;
  let last = 0;
  let before = '';
  return template.replace(PLACEHOLDER, (whole, name: string | undefined, offset: number) => {
    before += template.slice(last, offset);
    last = offset + whole.length;
    if (name === undefined) return '{{';
    const open = openToken(before, template.slice(last));
    before += FILLED;
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

// What the author's own `<…` token says so far where a placeholder stands in one, else undefined: a `<` that means
// "less than" is followed by a space, or by what begins no token, or is never closed.
function openToken(before: string, after: string): string | undefined {
  const start = before.lastIndexOf('<');
  if (start < 0 || before.indexOf('>', start) >= 0 || !after.includes('>')) return undefined;
  const text = before.slice(start + 1);
  return text === '' || /^(?:[@#!\ufffc]|[a-z][a-z0-9+.-]*:)/i.test(text) ? text : undefined;
}

function intoMrkdwn(name: string, value: string, open: string | undefined): string {
  if (open === undefined || open.includes('|')) return escapeMrkdwn(value);
  const refuse = (need: string) => {
    throw new Fault('TEMPLATE_INVALID', `{{${name}}} stands in <${open}…> and is not ${need}`, {
      hint: 'such a value could ping people or forge a link; write it outside of <…>, or mend the value',
    });
  };
  const sigil = /^(@|#|!subteam\^)$/.exec(open)?.[1];
  if (sigil !== undefined) return /^[A-Z0-9]{2,30}$/.test(value) ? value : refuse('a Slack id');
  if (open.startsWith('!')) return refuse('allowed there');
  if (open === '' && !/^https?:\/\/[^\s]/i.test(value)) return refuse('an http or https address');
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
