import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../kit/secret.ts';

/** Why a request does not count as Slack's. */
export type SignatureProblem =
  | 'no_secret'
  | 'no_timestamp'
  | 'bad_timestamp'
  | 'stale'
  | 'future'
  | 'no_signature'
  | 'bad_signature'
  | 'wrong_signature';

export interface SignedRequest {
  /** Several while a secret is being rotated; an empty one signs nothing (bolt-js 2946). */
  readonly secrets: readonly Secret[];
  /** The header `x-slack-request-timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `x-slack-signature`. */
  readonly signature: string | undefined;
  /** The bytes as they came, before anything has read them (S13). */
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How far a timestamp may be from now, on both sides. */
export const SKEW_SECONDS = 300;

/** Slack's signature v0: HMAC-SHA256 of `v0:timestamp:body`, at most 300 s old or early. A repeated header fails. */
export function verifySignature(request: SignedRequest): 'ok' | SignatureProblem {
  const { timestamp, signature } = request;
  const secrets = request.secrets.filter((secret) => secret.reveal().trim() !== '');
  if (secrets.length === 0) return 'no_secret';
  if (timestamp === undefined || timestamp === '') return 'no_timestamp';
  // Digits alone: no sign, fraction, exponent, hexadecimal or "1, 2" of two headers.
  if (!/^\d{1,12}$/.test(timestamp)) return 'bad_timestamp';
  const age = request.now / 1000 - Number(timestamp);
  if (!(Math.abs(age) <= SKEW_SECONDS)) return age > 0 ? 'stale' : 'future';
  if (signature === undefined || signature === '') return 'no_signature';
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return 'bad_signature';

  const given = Buffer.from(signature.slice(3), 'hex');
  // Every secret is tried, so that the time tells nothing about which one was near.
  let matches = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret.reveal()).update(`v0:${timestamp}:`).update(request.body);
    if (timingSafeEqual(hmac.digest(), given)) matches = true;
  }
  return matches ? 'ok' : 'wrong_signature';
}
