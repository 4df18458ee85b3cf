import { Fault } from '../kit/fault.ts';
import type { Once } from '../kit/once.ts';
import type { StoredRecord } from '../store/store.ts';
import type { Core } from './core.ts';
import { changed, draftOf, snapshotOf } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Machine, Snapshot } from './machine.ts';
import { createRunner } from './runner.ts';
import type { Persist } from './runner.ts';
import { afterRestore, isBefore } from './restored.ts';
import { tend } from './tend.ts';
import type { Tended } from './tend.ts';
import { createCommit } from './writer.ts';
import type { Commit } from './writer.ts';

/** What came of an event. */
export type Sent<Data, Reason> =
  | { readonly snapshot: Snapshot<Data>; readonly refused?: undefined }
  | { readonly snapshot: Snapshot<Data> | undefined; readonly refused: Reason };

/** Records of one kind. */
export interface Records<Data, Event, Reason> {
  /**
   * Decides and saves, again if another writer was faster; when it resolves the new state is on disk. What comes of `once` is
   * told to it; when it came before, nothing is changed or refused.
   */
  send(id: string, event: Event, once?: Once): Promise<Sent<Data, Reason>>;
  read(id: string): Promise<Snapshot<Data> | undefined>;
}

/** Records of one kind, as the engine tends them. */
export interface Keeper {
  readonly kind: string;
  readonly schema: number;
  /** Turns due timers into events and begins due effects. */
  tend(record: StoredRecord): Promise<Tended>;
  /** Saves what a record from before the store was restored becomes by that. Resolves to whether it changes. */
  restore(record: StoredRecord): Promise<boolean>;
}

const MOST_TRIES = 40;
const MOST_PENDING = 50;

/** Keeps the records of one machine: every change is one compare-and-set, and says what must be done after it. */
export function createKeeper<Data, Event, Reason>(
  machine: Machine<Data, Event, Reason>,
  core: Core,
): Records<Data, Event, Reason> & Keeper {
  const { store, clock } = core;

  const opened = (record: StoredRecord): Draft<Data> => {
    if (record.kind !== machine.kind) throw new Error(`${record.id} is a ${record.kind}`);
    if (record.schema <= machine.schema) return afterRestore(draftOf(record, machine), record, machine, core);
    core.observer.newer(record.id);
    throw new Fault('STORE_VERSION', `${record.id} was written by a newer release`, {
      hint: 'start that release again; this one leaves the record alone',
    });
  };

  const applied = (draft: Draft<Data>, event: Event, now: number): Draft<Data> => {
    const change = machine.decide(snapshotOf(draft, now), event, now);
    return 'refused' in change ? draft : changed(draft, draft.id, change, now, core);
  };

  const afterConflict = async (id: string, tries: number): Promise<void> => {
    if (tries >= MOST_TRIES)
      throw new Fault('STORE_UNAVAILABLE', `${id} is being changed by too many writers at once`, {
        hint: 'try again in a moment',
      });
    if (tries > 2) await clock.sleep(Math.ceil(core.random() * 5 * tries));
  };

  const persist: Persist<Data> = async (id, act) => {
    for (let tries = 1; ; tries++) {
      const record = await store.read(id);
      const draft = record && act(opened(record), clock.now());
      if (draft === undefined || (await commit(draft)) !== 'conflict') return;
      await afterConflict(id, tries);
    }
  };

  const begin = createRunner(machine, core, { persist, applied });
  const commit: Commit<Data> = createCommit(machine, core, (snapshot, effect) => {
    void begin(snapshot, effect);
  });

  return {
    kind: machine.kind,
    schema: machine.schema,

    async read(id) {
      const record = await store.read(id);
      return record && snapshotOf(opened(record), clock.now());
    },

    async send(id, event, once) {
      for (let tries = 1; ; tries++) {
        const record = await store.read(id);
        const draft = record && opened(record);
        const now = clock.now();
        const current = draft && snapshotOf(draft, now);
        const change = machine.decide(current, event, now);
        if ('refused' in change) return { refused: change.refused, snapshot: current };
        if ((draft?.audit.pending.length ?? 0) >= MOST_PENDING)
          throw new Fault('STORE_UNAVAILABLE', `the audit of ${id} cannot be stored`, {
            hint: 'see the log of the listener',
          });
        const next = changed(draft, id, change, now, core);
        const committed = await commit(next, once);
        if (committed === 'repeated') {
          once?.ended('repeated');
          return { snapshot: current ?? snapshotOf(next, now) };
        }
        if (committed !== 'conflict') {
          once?.ended('kept');
          return { snapshot: committed };
        }
        await afterConflict(id, tries);
      }
    },

    async restore(record) {
      if (machine.restored === undefined || !isBefore(record, core.epoch)) return false;
      let isChanged = false;
      await persist(record.id, (draft) => {
        isChanged = draft.restored === true;
        return isChanged ? draft : undefined;
      });
      return isChanged;
    },

    tend: (record) => tend(opened(record), machine, core, { commit, applied }),
  };
}
