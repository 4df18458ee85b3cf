import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/kit/clock.ts';

export interface InstantClock extends Clock {
  /** Every wait that was asked for, in milliseconds. */
  readonly sleeps: readonly number[];
}

/** A clock whose waiting takes no time and moves its own `now` instead. */
export function instantClock(): InstantClock {
  const sleeps: number[] = [];
  let skipped = 0;
  return {
    sleeps,
    now: () => Date.now() + skipped,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      skipped += ms;
      await setImmediate();
    },
  };
}
