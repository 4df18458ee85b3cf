import { Fault } from '../kit/fault.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { AUDIT_KEY } from './core.ts';
import { dueAtOf, FAILING_AFTER } from './schedule.ts';

const MOST_TRIES = 10;

/** The keys of the effects that have failed again and again, and are still tried. */
export function failingEffects({ effects }: Pick<StoredRecord, 'effects'>): readonly string[] {
  return effects
    .filter(({ attempts, key }) => attempts >= FAILING_AFTER && key !== AUDIT_KEY)
    .map(({ key }) => key);
}

/** Has everything that failed before tried again now, from the first pause on. Resolves to the keys; timers are left alone. */
export async function retryNow(
  id: string,
  now: number,
  store: Pick<Store, 'read' | 'save'>,
): Promise<readonly string[]> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const record = await store.read(id);
    if (record === undefined)
      throw new Fault('RECORD_UNKNOWN', `there is no record ${id}`, { hint: 'listener list shows the ids' });
    const failed = record.effects.filter(({ attempts, lease }) => attempts > 0 && lease === undefined);
    if (failed.length === 0) return [];
    // The number of tries stays: above 0 it says that the effect may have been done.
    const effects = record.effects.map((effect) =>
      failed.includes(effect) ? { ...effect, attempts: 1, nextAt: now } : effect,
    );
    const saved = await store.save({
      ...record,
      version: record.version + 1,
      effects,
      dueAt: dueAtOf(effects),
    });
    if (saved === 'saved') return failed.map(({ key }) => key);
  }
  throw new Fault('STORE_UNAVAILABLE', `${id} is being changed by too many writers at once`);
}
