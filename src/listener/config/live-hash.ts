import { createHash } from 'node:crypto';
import type { Secret } from '../../kit/secret.ts';

/** The SHA-256 of a secret as it is at each call, computed again only when it has changed. */
export function liveHash(secret: Secret): () => Buffer {
  let of: string | undefined;
  let hash = Buffer.alloc(0);
  return () => {
    const value = secret.reveal();
    if (value !== of) {
      hash = createHash('sha256').update(value).digest();
      of = value;
    }
    return hash;
  };
}
