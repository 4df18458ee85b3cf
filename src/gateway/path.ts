import { encodeRfc3986 } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import { fillText } from './template.ts';
import type { Scope } from './template.ts';

const LONGEST = 8000;

/**
 * The path of a call in the very bytes that are signed and sent. Each part between the author's slashes is encoded as a
 * whole, so that no value adds a slash, a query or a fragment; a part that would be taken for a step up or for nothing, in
 * whatever encoding, is refused (P3, P4). Faults: PARAMS_INVALID, TEMPLATE_INVALID; `where` names the path in them.
 */
export function callPath(template: string, scope: Scope, where: string): string {
  const refuse = (why: string): never => {
    throw new Fault('PARAMS_INVALID', `${where}: ${show(template)} ${why}`, {
      hint: 'write the path from the stage on, such as /deploy/{{id}}; a query belongs into query',
    });
  };
  if (!template.startsWith('/')) refuse('must begin with a slash');
  const parts = template.slice(1).split('/');
  const encoded = parts.map((part, index) => {
    const literal = part.replace(/\{\{[^{}]*\}\}/g, '');
    if (/[?#\\]|\{\{/.test(literal)) refuse('holds a "?", a "#", a backslash or an open "{{"');
    const text = fillText(decoded(part) ?? refuse('has a broken percent escape'), scope);
    const mayBeEmpty = part === '' && index === parts.length - 1;
    if (text === '' && !mayBeEmpty)
      refuse(part === '' ? 'holds "//"' : `has an empty part: ${part} is empty`);
    const wrong = wrongIn(text);
    if (wrong !== undefined) refuse(part === text ? wrong : `${wrong}, in ${part}`);
    return encodeRfc3986(text);
  });
  const path = `/${encoded.join('/')}`;
  if (path.length > LONGEST) refuse(`is longer than ${LONGEST} characters`);
  return path;
}

// The author may write a character as it is or percent-encoded; the names of values are left alone.
function decoded(part: string): string | undefined {
  try {
    return part
      .split(/(\{\{[^{}]*\}\})/)
      .map((piece, index) => (index % 2 === 1 ? piece : decodeURIComponent(piece)))
      .join('');
  } catch {
    return undefined;
  }
}

// A server behind the gateway may decode once more than it should: what any number of decodings makes of it counts.
function wrongIn(text: string): string | undefined {
  if (!text.isWellFormed()) return 'holds broken Unicode';
  for (let now = text, before = ''; now !== before; ) {
    if (/\p{Cc}/u.test(now)) return 'holds a control character';
    if (now.includes('\\')) return 'holds a backslash';
    if (now.split('/').some((segment) => /^\.\.?(?:;.*)?$/.test(segment))) return 'has a "." or ".." segment';
    before = now;
    now = now.replace(/%(?:2[ef]|5c|25|3b|[01][0-9a-f]|7f)/gi, decodeURIComponent);
  }
  return undefined;
}

function show(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
