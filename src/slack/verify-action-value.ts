import { createHmac, timingSafeEqual } from 'node:crypto';
import { isRecord, tryParseJson } from '../kit/json.ts';

/** A token of a pipeline, as the listener keeps it. Several hashes may bear one name while a token is being rotated. */
export interface TokenHash {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly hash: Buffer;
}

/** What a button says, once it is known who signed it. */
export interface VerifiedValue {
  readonly kind: 'verified';
  /** Name of the token that signed it. */
  readonly token: string;
  readonly action: string;
  readonly value: unknown;
  readonly channel: string;
  /** Unique for each button that was posted. */
  readonly nonce: string;
  /** Milliseconds since the epoch, both. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * `malformed`: no value of ours. `foreign`: signed by none of the tokens, or changed. `elsewhere`: the card was copied to
 * another channel (S22). `early`: from the future. `expired`: older than the button says of itself.
 */
export type ValueRefusal = 'malformed' | 'foreign' | 'elsewhere' | 'early' | 'expired';

export interface ClickPlace {
  /** Where the click happened; undefined where Slack names no channel: then nothing counts. */
  readonly channel: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Slack's own limit for the value of a button. */
const LONGEST = 2000;
/** As far as two right clocks may differ. */
const SKEW_MS = 300_000;

/**
 * Reads the value of an action button, see `signedValue`. Every token is tried, in constant time; nothing is read before a
 * signature is right. Says nothing about what the token's holder may offer.
 */
export function verifyActionValue(
  text: string,
  tokens: readonly TokenHash[],
  { channel, now }: ClickPlace,
): VerifiedValue | { readonly kind: 'refused'; readonly reason: ValueRefusal } {
  const refused = (reason: ValueRefusal) => ({ kind: 'refused', reason }) as const;
  const [, payload = '', mac = ''] = /^v1\.([\w-]+)\.([\w-]{43})$/.exec(text) ?? [];
  if (payload === '' || text.length > LONGEST) return refused('malformed');
  const token = signerOf(payload, mac, tokens);
  if (token === undefined) return refused('foreign');
  const content = contentOf(payload);
  if (!content) return refused('malformed');
  if (channel === undefined || content.channel !== channel) return refused('elsewhere');
  if (!(content.issuedAt <= now + SKEW_MS)) return refused('early');
  if (!(now < content.expiresAt)) return refused('expired');
  return { kind: 'verified', token, ...content };
}

function signerOf(payload: string, mac: string, tokens: readonly TokenHash[]): string | undefined {
  const given = Buffer.from(mac, 'base64url');
  // The last character of 43 carries two bits that no byte holds: several texts would be the same signature.
  if (given.length !== 32 || given.toString('base64url') !== mac) return undefined;
  let signer: string | undefined;
  for (const { name, hash } of tokens) {
    // A hash that is none would be a key that everybody knows.
    if (hash.length !== 32) continue;
    const expected = createHmac('sha256', hash).update(`v1.${payload}`).digest();
    if (timingSafeEqual(expected, given)) signer ??= name;
  }
  return signer;
}

function contentOf(payload: string): Omit<VerifiedValue, 'kind' | 'token'> | undefined {
  const content = tryParseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  if (!isRecord(content)) return undefined;
  const { a: action, v: value = null, c: channel, n: nonce, i: issued, e: expires } = content;
  const isText = (text: unknown): text is string => typeof text === 'string' && text !== '';
  if (!isText(action) || !isText(channel) || !isText(nonce)) return undefined;
  if (!Number.isSafeInteger(issued) || !Number.isSafeInteger(expires)) return undefined;
  return {
    action,
    value,
    channel,
    nonce,
    issuedAt: Number(issued) * 1000,
    expiresAt: Number(expires) * 1000,
  };
}
