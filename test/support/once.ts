import { randomUUID } from 'node:crypto';
import type { Once } from '../../src/kit/once.ts';

/** A request that came for the first time. */
export function firstTime(key: string = randomUUID()): Once & { readonly seen: ('kept' | 'repeated')[] } {
  const seen: ('kept' | 'repeated')[] = [];
  return {
    key,
    owner: randomUUID(),
    until: Number.MAX_SAFE_INTEGER,
    ended: (as) => void seen.push(as),
    seen,
  };
}
