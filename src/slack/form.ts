/** A value that was read, or the reason why it cannot be. */
export type Parsed<T, Reason extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Reason };

export type FormProblem = 'too_large' | 'not_utf8' | 'bad_encoding' | 'repeated_field';

/** The longest body that is read: a view has at most 250 kB, which percent-encoding makes up to three times longer. */
export const LONGEST_BODY = 1024 * 1024;

/**
 * The fields of `application/x-www-form-urlencoded`, strictly: text that is no UTF-8 and fields that come twice are refused
 * where URLSearchParams would replace and choose.
 */
export function parseForm(body: Buffer): Parsed<ReadonlyMap<string, string>, FormProblem> {
  const text = utf8(body);
  if (!text.ok) return text;
  const fields = new Map<string, string>();
  for (const pair of text.value.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = decode(at === -1 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined) return { ok: false, reason: 'bad_encoding' };
    if (fields.has(name)) return { ok: false, reason: 'repeated_field' };
    fields.set(name, value);
  }
  return { ok: true, value: fields };
}

/** The bytes as text, when they are UTF-8 and not too many. */
export function utf8(body: Buffer): Parsed<string, 'too_large' | 'not_utf8'> {
  if (body.length > LONGEST_BODY) return { ok: false, reason: 'too_large' };
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) };
  } catch {
    return { ok: false, reason: 'not_utf8' };
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
