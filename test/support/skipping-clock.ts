import type { Clock } from '../../src/kit/clock.ts';

export interface SkippingClock extends Clock {
  /** Moves the time on at once: who sleeps until then wakes. */
  skip(ms: number): void;
}

/** The real time, and as much of it skipped as a test wants: for real servers whose hours must not take hours. */
export function skippingClock(): SkippingClock {
  let skipped = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const now = () => Date.now() + skipped;
  return {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const end = () => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
        };
        const stop = () => {
          end();
          reject(signal?.reason);
        };
        const sleeper = {
          until: now() + ms,
          wake() {
            end();
            resolve();
          },
        };
        const timer = setTimeout(() => sleeper.wake(), Math.min(ms, 2 ** 31 - 1));
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    skip(ms) {
      skipped += ms;
      for (const { until, wake } of sleepers) if (until <= now()) wake();
    },
  };
}
