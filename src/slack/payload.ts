import { isRecord, tryParseJson } from '../kit/json.ts';
import type { Parsed } from './form.ts';
import { LONGEST_BODY } from './form.ts';

export type PayloadProblem = 'too_large' | 'not_json' | 'not_an_object' | 'too_deep' | 'forbidden_key';

/** Slack's own payloads nest about 20 deep; past the limit a later recursion over the value could exhaust the stack. */
const DEEPEST = 64;

/** The JSON object in a text, when it is neither too long nor too deep and has no `__proto__`. */
export function parsePayload(text: string): Parsed<Readonly<Record<string, unknown>>, PayloadProblem> {
  if (text.length > LONGEST_BODY) return { ok: false, reason: 'too_large' };
  const value = tryParseJson(text);
  return value === undefined ? { ok: false, reason: 'not_json' } : checkPayload(value);
}

/** The same for a value that came parsed, in the envelope of a socket. */
export function checkPayload(value: unknown): Parsed<Readonly<Record<string, unknown>>, PayloadProblem> {
  if (!isRecord(value)) return { ok: false, reason: 'not_an_object' };
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) return { ok: false, reason: 'too_deep' };
    if (level.some((one) => Object.hasOwn(one, '__proto__'))) return { ok: false, reason: 'forbidden_key' };
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return { ok: true, value };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
