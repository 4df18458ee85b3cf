import { isRecord } from './is-record.ts';

const ESCAPED: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go's encoding/json writes it: map keys sorted, and `<`, `>`, `&` escaped. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(sortKeys(value)).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPED[char] ?? char);
}

/**
 * The first JSON value of a text, as Go's `Decoder.Decode` reads it: text before the value is an error, text after
 * it is ignored (concourse.md 1.1, "stdout parsing").
 */
export function decodeFirst(text: string): unknown {
  const start = text.search(/[^ \t\r\n]/);
  if (start < 0) throw new Error('EOF');
  const value: unknown = JSON.parse(text.slice(start, endOfValue(text, start)));
  return value;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

function endOfValue(text: string, start: number): number {
  const first = text.charAt(start);
  if (first === '"') return endOfString(text, start);
  if (first === '{' || first === '[') return endOfNested(text, start);
  const scalar = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(text.slice(start));
  if (scalar) return start + scalar[0].length;
  throw new Error(`invalid character '${first}' looking for beginning of value`);
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw new Error('unexpected EOF');
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"') return at + 1;
  }
  throw new Error('unexpected EOF');
}
