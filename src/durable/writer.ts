import type { Once } from '../kit/once.ts';
import type { StoredEffect } from '../store/store.ts';
import { LEASE_MS } from './core.ts';
import type { Core } from './core.ts';
import { recordOf, snapshotOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { laneOf } from './machine.ts';
import type { Machine, Snapshot } from './machine.ts';
import { save } from './save.ts';
import { isDue } from './schedule.ts';

/** Saves the draft and begins what it leases; `conflict` when another writer was faster, `repeated` as the store's `save`. */
export type Commit<Data> = (
  draft: Draft<Data>,
  once?: Once,
) => Promise<Snapshot<Data> | 'conflict' | 'repeated'>;

/** The one place where records are written: one compare-and-set, then everything that follows from it. */
export function createCommit<Data, Event, Reason>(
  machine: Machine<Data, Event, Reason>,
  core: Core,
  begin: (snapshot: Snapshot<Data>, effect: StoredEffect) => void,
): Commit<Data> {
  // Effects that can begin at once are leased in the very write that asks for them: one write less, no wait for a sweep.
  const leased = (draft: Draft<Data>, now: number): { draft: Draft<Data>; begun: StoredEffect[] } => {
    const begun: StoredEffect[] = [];
    if (!core.runsEffects) return { draft, begun };
    const effects = draft.effects.map((effect) => {
      const lane = laneOf(machine, effect.key, draft.data);
      if (lane === undefined || !isDue(effect, now) || !core.lanes.tryEnter(lane)) return effect;
      // Whoever held a lease that is over may have done it.
      const attempts = effect.attempts + (effect.lease === undefined ? 0 : 1);
      const taken = { ...effect, attempts, lease: { owner: core.leaseName(), until: now + LEASE_MS } };
      begun.push(taken);
      return taken;
    });
    return { draft: { ...draft, effects }, begun };
  };

  const release = (begun: readonly StoredEffect[], data: Data) => {
    for (const { key } of begun) {
      const lane = laneOf(machine, key, data);
      if (lane !== undefined) core.lanes.leave(lane);
    }
  };

  return async (wanted, once) => {
    const now = core.clock.now();
    const { draft, begun } = leased(wanted, now);
    let saved: Awaited<ReturnType<typeof save>> | undefined;
    try {
      const record = recordOf(draft, machine, now, core.auditItems.stored(draft.id), core);
      saved = await save(core.store, record, begun, once && { ...once, now });
      if (saved !== 'saved') return saved;
      const snapshot = snapshotOf({ ...draft, before: record, effects: record.effects }, now);
      for (const effect of begun) begin(snapshot, effect);
      core.auditItems.later(record);
      core.notify(record);
      if (wanted.restored === true) core.observer.restored?.(machine.kind);
      if (wanted.before?.status !== record.status)
        core.observer.changed(machine.kind, wanted.before?.status, record.status);
      return snapshot;
    } finally {
      if (saved !== 'saved') release(begun, draft.data);
    }
  };
}
