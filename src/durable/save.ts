import { canonicalJson } from '../kit/canonical-json.ts';
import type { Store, StoredEffect, StoredRecord } from '../store/store.ts';

/**
 * Saves a record that takes these leases; false when another writer was faster. A write whose answer was lost counts as
 * saved where it is found: then what it leases must be begun.
 */
export async function save(
  store: Store,
  record: StoredRecord,
  leased: readonly StoredEffect[],
): Promise<boolean> {
  try {
    return (await store.save(record)) === 'saved';
  } catch (error) {
    const seen = await store.read(record.id).catch(() => undefined);
    if (seen !== undefined && isIn(seen, record, leased)) return true;
    throw error;
  }
}

// A lease has a name that nobody else writes: where one stands, the write was done, whoever has written since.
function isIn(seen: StoredRecord, record: StoredRecord, leased: readonly StoredEffect[]): boolean {
  if (leased.length === 0) return canonicalJson(seen) === canonicalJson(record);
  return leased.some(({ lease }) => seen.effects.some((effect) => effect.lease?.owner === lease?.owner));
}
