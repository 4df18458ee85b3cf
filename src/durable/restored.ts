import { Fault } from '../kit/fault.ts';
import type { StoredRecord } from '../store/store.ts';
import type { Core } from './core.ts';
import { changed, snapshotOf } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';

/** Whether a record was saved before the store was restored. */
export function isBefore({ epoch = 1 }: Pick<StoredRecord, 'epoch'>, now: number): boolean {
  return epoch < now;
}

/**
 * The draft of a record, told that the store was restored where it was saved before that: whatever is done with the record is
 * done after it. STORE_UNAVAILABLE when this process is the one that does not know of a restore.
 */
export function afterRestore<Data, Event, Reason>(
  draft: Draft<Data>,
  { epoch = 1 }: StoredRecord,
  { restored, decide }: Pick<Machine<Data, Event, Reason>, 'restored' | 'decide'>,
  core: Pick<Core, 'clock' | 'chain' | 'epoch'>,
): Draft<Data> {
  if (epoch > core.epoch)
    throw new Fault(
      'STORE_UNAVAILABLE',
      `${draft.id} was saved after a restore that this process does not know of`,
      {
        hint: 'restart this listener: it must read the store anew',
      },
    );
  if (restored === undefined || epoch === core.epoch) return draft;
  const now = core.clock.now();
  const change = decide(snapshotOf(draft, now), restored(core.epoch), now);
  return 'refused' in change ? draft : { ...changed(draft, draft.id, change, now, core), restored: true };
}
