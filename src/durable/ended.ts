import { messageOf } from '../kit/fault.ts';
import type { StoredEffect } from '../store/store.ts';
import type { Core } from './core.ts';
import type { Ending } from './run-effect.ts';
import { backOffMs } from './schedule.ts';

const SHORTEST_LATER_MS = 100;
const LONGEST_ERROR = 240;

/** What is left of an effect after a run: nothing once it is done, unless it was asked for again meanwhile. */
export function ended(
  effect: StoredEffect,
  ran: StoredEffect,
  ending: Ending<unknown>,
  now: number,
  core: Pick<Core, 'random' | 'redact'>,
): StoredEffect | undefined {
  const { lease: _, lastError: __, ...free } = effect;
  const again = effect.generation !== ran.generation;
  switch (ending.kind) {
    case 'done':
      return again ? { ...free, attempts: 0 } : undefined;
    case 'later':
      return { ...free, nextAt: Math.max(free.nextAt, now + pauseOf(ending.ms)) };
    case 'failed': {
      const attempts = ran.attempts + 1;
      return {
        ...free,
        attempts,
        nextAt: Math.max(free.nextAt, now + backOffMs(attempts, core.random)),
        lastError: core.redact(messageOf(ending.error)).slice(0, LONGEST_ERROR),
      };
    }
    case 'stale':
      return effect;
    default:
      return ending satisfies never;
  }
}

// Zero would spin, and what is no number would not be kept.
function pauseOf(ms: number): number {
  return Number.isFinite(ms) ? Math.max(SHORTEST_LATER_MS, ms) : SHORTEST_LATER_MS;
}
