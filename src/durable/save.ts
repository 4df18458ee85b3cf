import { canonicalJson } from '../kit/canonical-json.ts';
import type { SavedOnce, Store, StoredEffect, StoredRecord } from '../store/store.ts';

/**
 * Saves a record that takes these leases, as the store's `save` does. A write whose answer was lost counts as saved where it
 * is found: then what it leases must be begun.
 */
export async function save(
  store: Store,
  record: StoredRecord,
  leased: readonly StoredEffect[],
  once: SavedOnce | undefined,
): Promise<'saved' | 'conflict' | 'repeated'> {
  try {
    return await store.save(record, once);
  } catch (error) {
    const seen = await store.read(record.id).catch(() => undefined);
    if (seen !== undefined && isIn(seen, record, leased)) return 'saved';
    throw error;
  }
}

// A lease has a name that nobody else writes: where one stands, the write was done, whoever has written since.
function isIn(seen: StoredRecord, record: StoredRecord, leased: readonly StoredEffect[]): boolean {
  if (leased.length === 0) return canonicalJson(seen) === canonicalJson(record);
  return leased.some(({ lease }) => seen.effects.some((effect) => effect.lease?.owner === lease?.owner));
}
