import { messageOf } from '../kit/fault.ts';
import type { StoredRecord } from '../store/store.ts';
import { LEASE_MS } from './core.ts';
import type { DurablePorts } from './core.ts';
import type { Keeper } from './keeper.ts';
import { dueAtOf } from './schedule.ts';

const MOST_RECORDS = 20_000;
const MOST_TRIES = 3;

/**
 * Ends the leases of a process that has crashed, so that its effects need not wait for their ends; they may have been done,
 * and count as tried. Only for the sole owner of a store. What fails is left to the ends of the leases.
 */
export async function freeLeases(
  { store, clock, log }: Pick<DurablePorts, 'store' | 'clock' | 'log'>,
  keepers: ReadonlyMap<string, Keeper>,
  isOwn: (owner: string) => boolean,
): Promise<void> {
  const isOthers = ({ lease }: StoredRecord['effects'][number]) => lease !== undefined && !isOwn(lease.owner);

  const free = async (id: string): Promise<void> => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const record = await store.read(id);
      if (record === undefined || !record.effects.some(isOthers)) return;
      // A newer release, or none: left alone.
      if (record.schema > (keepers.get(record.kind)?.schema ?? -1)) return;
      const effects = record.effects.map((effect) => {
        if (!isOthers(effect)) return effect;
        const { lease: _, ...rest } = effect;
        return { ...rest, attempts: effect.attempts + 1 };
      });
      const next = { ...record, version: record.version + 1, effects, dueAt: dueAtOf(effects) };
      if ((await store.save(next)) === 'saved') return;
    }
  };

  try {
    for (const id of await store.due(clock.now() + LEASE_MS, MOST_RECORDS)) await free(id);
  } catch (error) {
    log.warn(`leases are left to their ends: ${messageOf(error)}`);
  }
}
