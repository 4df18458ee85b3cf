import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/kit/clock.ts';

export interface SkippingClock extends Clock {
  /** Moves the time on at once: who sleeps until then wakes. */
  skip(ms: number): void;
  /** From now on the time goes on by `skip` alone. */
  stop(): void;
  /** The time goes on by itself again. */
  go(): void;
  /** How many sleep now. */
  sleeping(): number;
}

interface Sleeper {
  readonly until: number;
  timer?: NodeJS.Timeout | undefined;
  readonly wake: () => void;
}

const LONGEST_MS = 2 ** 31 - 1;

/** The real time, and as much of it skipped as a test wants: for real servers whose hours must not take hours. */
export function skippingClock(): SkippingClock {
  let skipped = 0;
  let stoppedAt: number | undefined;
  const sleepers = new Set<Sleeper>();
  const now = () => (stoppedAt ?? Date.now()) + skipped;
  const arm = (sleeper: Sleeper): void => {
    if (stoppedAt !== undefined) return;
    const wake = async () => {
      await caughtUp();
      if (stoppedAt === undefined) sleeper.wake();
    };
    sleeper.timer = setTimeout(() => void wake(), Math.max(0, Math.min(sleeper.until - now(), LONGEST_MS)));
  };
  return {
    now,
    sleeping: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const end = () => {
          clearTimeout(sleeper.timer);
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
        };
        const stop = () => {
          end();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          until: now() + ms,
          wake() {
            end();
            resolve();
          },
        };
        arm(sleeper);
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    skip(ms) {
      skipped += ms;
      for (const { until, wake } of sleepers) if (until <= now()) wake();
    },
    stop() {
      stoppedAt ??= Date.now();
      for (const { timer } of sleepers) clearTimeout(timer);
    },
    go() {
      if (stoppedAt === undefined) return;
      skipped -= Date.now() - stoppedAt;
      stoppedAt = undefined;
      for (const sleeper of sleepers) arm(sleeper);
    },
  };
}

// After the machine has stood still, timers come before the answers that arrived long ago: those first.
async function caughtUp(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}
