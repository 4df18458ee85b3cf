import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/kit/clock.ts';

export interface InstantClock extends Clock {
  /** Every wait that was asked for, in milliseconds. */
  readonly sleeps: readonly number[];
}

/** A clock whose waiting takes no time and moves its own `now` instead: nothing else does, so what is measured by it is exact. */
export function instantClock(): InstantClock {
  const start = Date.now();
  const sleeps: number[] = [];
  let skipped = 0;
  return {
    sleeps,
    now: () => start + skipped,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      skipped += ms;
      await setImmediate();
    },
  };
}
