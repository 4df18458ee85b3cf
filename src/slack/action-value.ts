import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '../kit/secret.ts';

/** What a button carries to the listener. */
export interface ActionValue {
  readonly action: string;
  readonly value: unknown;
  /** Id of the only channel where the button counts: a card copied elsewhere does nothing (S22). */
  readonly channel: string;
}

const LIFE_SECONDS = 7 * 86_400;

/**
 * The value of an action button: `v1.<payload>.<mac>`, both base64url. The payload names action, value, channel, a nonce
 * and its end; the MAC is HMAC-SHA256 keyed by the SHA-256 of the listener token, which is all the listener keeps of it.
 */
export function signedValue(content: ActionValue, token: Secret, now: number): string {
  const issued = Math.floor(now / 1000);
  const payload = Buffer.from(
    JSON.stringify({
      a: content.action,
      v: content.value,
      c: content.channel,
      n: randomBytes(12).toString('base64url'),
      i: issued,
      e: issued + LIFE_SECONDS,
    }),
  ).toString('base64url');
  const key = createHash('sha256').update(token.reveal()).digest();
  const mac = createHmac('sha256', key).update(`v1.${payload}`).digest('base64url');
  return `v1.${payload}.${mac}`;
}
