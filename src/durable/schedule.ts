import type { StoredEffect } from '../store/store.ts';
import type { Schedule } from './machine.ts';

/** The effects after a change: new ones added, those asked for again given a new generation, cancelled ones gone. */
export function scheduled(
  effects: readonly StoredEffect[],
  schedule: readonly Schedule[],
  now: number,
): readonly StoredEffect[] {
  const byKey = new Map(effects.map((effect) => [effect.key, effect]));
  for (const wish of schedule) {
    const before = byKey.get(wish.key);
    if ('cancel' in wish) {
      byKey.delete(wish.key);
      continue;
    }
    byKey.set(wish.key, {
      key: wish.key,
      generation: (before?.generation ?? 0) + 1,
      // An earlier try may have done it: the next one must know that.
      attempts: before?.attempts ?? 0,
      nextAt: wish.at ?? now,
      // Whoever runs the older wish goes on; the newer one is run when that has ended, never beside it.
      ...(before?.lease && { lease: before.lease }),
      ...(wish.data && { data: wish.data }),
    });
  }
  return [...byKey.values()];
}

/** When the record must be looked at next: at the earliest of its effects. */
export function dueAtOf(effects: readonly StoredEffect[]): number | undefined {
  return effects.length === 0 ? undefined : Math.min(...effects.map(dueAt));
}

/** Whether nobody is at it and its time has come. */
export function isDue(effect: StoredEffect, now: number): boolean {
  return dueAt(effect) <= now;
}

/** A leased effect is due when its lease is over, and never before its time. */
export function dueAt({ lease, nextAt }: StoredEffect): number {
  return Math.max(lease?.until ?? nextAt, nextAt);
}

const FIRST_MS = 1000;
const LONGEST_MS = 300_000;
/** After so many failed tries in a row an effect is shown as failing; it is tried on for ever. */
export const FAILING_AFTER = 6;

/** Milliseconds until the next try: 1 s, 2 s, 4 s, … at most 5 min, each up to a fifth longer or shorter. */
export function backOffMs(attempts: number, random: () => number): number {
  const pause = Math.min(FIRST_MS * 2 ** Math.max(0, attempts - 1), LONGEST_MS);
  return Math.round(pause * (0.8 + random() * 0.4));
}
