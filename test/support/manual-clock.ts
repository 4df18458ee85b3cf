import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/kit/clock.ts';

export interface ManualClock extends Clock {
  /** Lets the time pass: who sleeps wakes in the order of the ends, each before the time goes on. */
  advance(ms: number): Promise<void>;
  /** Moves the time on while nobody notices, as for a process that was stopped: those who sleep go on sleeping. */
  freeze(ms: number): void;
  /** How many sleep now. */
  sleeping(): number;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told. */
export function manualClock(start = Date.UTC(2026, 0, 2)): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    sleeping: () => sleepers.size,
    freeze(ms) {
      now += ms;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (ms <= 0) return resolve();
        const sleeper: Sleeper = {
          until: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (;;) {
        const [next] = [...sleepers].toSorted((a, b) => a.until - b.until);
        if (next === undefined || next.until > end) break;
        now = Math.max(now, next.until);
        next.wake();
        await settled();
      }
      now = Math.max(now, end);
      await settled();
    },
  };
}

/** Resolves when all that could go on without the time has done so. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) await setImmediate();
}
