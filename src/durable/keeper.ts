import { canonicalJson } from '../kit/canonical-json.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { StoredEffect, StoredRecord } from '../store/store.ts';
import { AUDIT_KEY, LEASE_MS } from './core.ts';
import type { Core } from './core.ts';
import { changed, draftOf, recordOf, snapshotOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { ruleName } from './machine.ts';
import type { Machine, Snapshot } from './machine.ts';
import { runEffect } from './run-effect.ts';
import type { Ending } from './run-effect.ts';
import { backOffMs, isDue } from './schedule.ts';

/** What came of an event. */
export type Sent<Data, Reason> =
  | { readonly snapshot: Snapshot<Data>; readonly refused?: undefined }
  | { readonly snapshot: Snapshot<Data> | undefined; readonly refused: Reason };

/** Records of one kind. */
export interface Records<Data, Event, Reason> {
  /** Decides and saves, again if another writer was faster; when it resolves the new state is on disk. */
  send(id: string, event: Event): Promise<Sent<Data, Reason>>;
  read(id: string): Promise<Snapshot<Data> | undefined>;
}

/** Records of one kind, as the engine tends them. */
export interface Keeper {
  readonly kind: string;
  /** Turns due timers into events and begins due effects. `full` when every lane it needs is full. */
  tend(record: StoredRecord): Promise<'tended' | 'full' | 'idle'>;
}

const MOST_TRIES = 40;
const MOST_PENDING = 200;

/** Keeps the records of one machine: every change is one compare-and-set, and says what must be done after it. */
export function createKeeper<Data, Event, Reason>(
  machine: Machine<Data, Event, Reason>,
  core: Core,
): Records<Data, Event, Reason> & Keeper {
  const { store, clock, lanes } = core;

  const opened = (record: StoredRecord): Draft<Data> => {
    if (record.kind !== machine.kind) throw new Error(`${record.id} is a ${record.kind}`);
    if (record.schema > machine.schema) {
      core.observer.newer(record.id);
      throw new Fault('STORE_VERSION', `${record.id} was written by a newer release`, {
        hint: 'start that release again; this one leaves the record alone',
      });
    }
    return draftOf(record, machine);
  };

  // Effects that can begin at once are leased in the very write that asks for them: one write less, no wait for a sweep.
  const leased = (draft: Draft<Data>, now: number): { draft: Draft<Data>; begun: StoredEffect[] } => {
    const begun: StoredEffect[] = [];
    if (!core.runsEffects) return { draft, begun };
    const effects = draft.effects.map((effect) => {
      const rule = machine.effects[ruleName(effect.key)];
      if (rule === undefined || 'timer' in rule || !isDue(effect, now) || !lanes.tryEnter(rule.lane))
        return effect;
      const crashed = effect.lease === undefined ? 0 : 1;
      const lease = { owner: core.leaseName(), until: now + LEASE_MS };
      const taken = { ...effect, attempts: effect.attempts + crashed, lease };
      begun.push(taken);
      return taken;
    });
    return { draft: { ...draft, effects }, begun };
  };

  const release = (begun: readonly StoredEffect[]) => {
    for (const { key } of begun) {
      const rule = machine.effects[ruleName(key)];
      if (rule !== undefined && 'lane' in rule) lanes.leave(rule.lane);
    }
  };

  const saved = async (record: StoredRecord): Promise<boolean> => {
    try {
      return (await store.save(record)) === 'saved';
    } catch (error) {
      // The answer was lost, perhaps not the write.
      const seen = await store.read(record.id).catch(() => undefined);
      if (seen?.version === record.version && canonicalJson(seen) === canonicalJson(record)) return true;
      throw error;
    }
  };

  /** Saves the draft and begins what it leases; false when another writer was faster. */
  const commit = async (wanted: Draft<Data>): Promise<Snapshot<Data> | undefined> => {
    const now = clock.now();
    const { draft, begun } = leased(wanted, now);
    const record = recordOf(draft, machine, now, core.flushed.get(draft.id) ?? 0);
    let done = false;
    try {
      done = await saved(record);
    } finally {
      if (!done) release(begun);
    }
    if (!done) return undefined;
    if (draft.before?.status !== record.status)
      core.observer.changed(machine.kind, draft.before?.status, record.status);
    const after = { ...draft, before: record, effects: record.effects };
    const snapshot = snapshotOf(after, now);
    core.notify(record);
    void flush(record);
    for (const effect of begun) void begin(snapshot, effect);
    return snapshot;
  };

  const flush = async (record: StoredRecord): Promise<void> => {
    const { pending, seq } = record.audit;
    if (pending.length === 0) {
      core.flushed.delete(record.id);
      return;
    }
    try {
      await store.putAudit(pending);
      core.flushed.set(record.id, seq);
    } catch (error) {
      core.log.warn(`audit of ${record.id} is stored later: ${messageOf(error)}`);
    }
  };

  const begin = async (snapshot: Snapshot<Data>, effect: StoredEffect): Promise<void> => {
    const name = ruleName(effect.key);
    const rule = machine.effects[name];
    if (rule === undefined || 'timer' in rule) return;
    try {
      const ending = await runEffect(snapshot, effect, rule.run, core);
      core.observer.effect(machine.kind, name, ending.kind);
      if (ending.kind === 'failed')
        core.log.warn(
          `${snapshot.id}: ${effect.key} failed (${effect.attempts + 1}): ${core.redact(messageOf(ending.error))}`,
        );
      if (ending.kind !== 'stale') await end(snapshot.id, effect, ending);
    } catch (error) {
      // Nothing is lost: the lease runs out, and the effect is begun again.
      core.log.warn(`${snapshot.id}: the end of ${effect.key} was not saved: ${messageOf(error)}`);
    } finally {
      lanes.leave(rule.lane);
    }
  };

  const end = async (id: string, ran: StoredEffect, ending: Ending<Event>): Promise<void> => {
    await persist(id, (draft, now) => {
      const effect = draft.effects.find(
        ({ key, lease }) => key === ran.key && lease?.owner === ran.lease?.owner,
      );
      if (effect === undefined) {
        core.observer.effect(machine.kind, ruleName(ran.key), 'stale');
        return undefined;
      }
      const left = afterRun(effect, ran, ending, now);
      const effects = draft.effects.flatMap((each) => (each.key === ran.key ? (left ? [left] : []) : [each]));
      const next = { ...draft, effects };
      return ending.kind === 'done' && ending.event !== undefined ? applied(next, ending.event, now) : next;
    });
  };

  const afterRun = (
    effect: StoredEffect,
    ran: StoredEffect,
    ending: Ending<Event>,
    now: number,
  ): StoredEffect | undefined => {
    const { lease: _, lastError: __, ...free } = effect;
    // Asked for again while it ran: that wish stands, as new.
    if (effect.generation !== ran.generation) return free;
    if (ending.kind === 'done') return undefined;
    if (ending.kind === 'later') return { ...free, nextAt: now + ending.ms };
    const attempts = ran.attempts + 1;
    return {
      ...free,
      attempts,
      nextAt: now + backOffMs(attempts, core.random),
      ...(ending.kind === 'failed' && { lastError: core.redact(messageOf(ending.error)).slice(0, 240) }),
    };
  };

  const applied = (draft: Draft<Data>, event: Event, now: number): Draft<Data> => {
    const change = machine.decide(snapshotOf(draft, now), event, now);
    return 'refused' in change ? draft : changed(draft, draft.id, change, now, core);
  };

  /** Reads, changes and saves until no other writer was faster; stops when there is nothing to change. */
  const persist = async (
    id: string,
    act: (draft: Draft<Data>, now: number) => Draft<Data> | undefined,
  ): Promise<void> => {
    for (let tries = 1; ; tries++) {
      const record = await store.read(id);
      if (record === undefined) return;
      const draft = act(opened(record), clock.now());
      if (draft === undefined || (await commit(draft))) return;
      await afterConflict(id, tries);
    }
  };

  const afterConflict = async (id: string, tries: number): Promise<void> => {
    if (tries >= MOST_TRIES)
      throw new Fault('STORE_UNAVAILABLE', `${id} is being changed by too many writers at once`, {
        hint: 'try again in a moment',
      });
    if (tries > 2) await clock.sleep(Math.ceil(core.random() * 5 * tries));
  };

  return {
    kind: machine.kind,

    async read(id) {
      const record = await store.read(id);
      return record && snapshotOf(opened(record), clock.now());
    },

    async send(id, event) {
      for (let tries = 1; ; tries++) {
        const record = await store.read(id);
        const draft = record && opened(record);
        const now = clock.now();
        const current = draft && snapshotOf(draft, now);
        const change = machine.decide(current, event, now);
        if ('refused' in change) return { refused: change.refused, snapshot: current };
        if ((draft?.audit.pending.length ?? 0) > MOST_PENDING)
          throw new Fault('STORE_UNAVAILABLE', `the audit of ${id} cannot be stored`, {
            hint: 'see the log',
          });
        const snapshot = await commit(changed(draft, id, change, now, core));
        if (snapshot) return { snapshot };
        await afterConflict(id, tries);
      }
    },

    async tend(record) {
      let draft = opened(record);
      const now = clock.now();
      let fired = false;
      for (const effect of draft.effects.filter((each) => isDue(each, now))) {
        const rule = machine.effects[ruleName(effect.key)];
        if (effect.key === AUDIT_KEY) {
          await store.putAudit(draft.audit.pending);
          draft = { ...draft, audit: { ...draft.audit, pending: [] } };
        } else if (rule === undefined) {
          core.observer.newer(record.id);
          continue;
        } else if ('timer' in rule) {
          const without = { ...draft, effects: draft.effects.filter(({ key }) => key !== effect.key) };
          draft = applied(without, rule.timer(snapshotOf(without, now)), now);
        } else continue;
        fired = true;
      }
      if (!fired && ready(draft, now).length === 0) return 'idle';
      if (!fired && !ready(draft, now).some((lane) => lanes.hasPlace(lane))) return 'full';
      if ((await commit(draft)) === undefined) core.wake();
      return 'tended';
    },
  };

  // The lanes of the effects that could begin.
  function ready(draft: Draft<Data>, now: number): string[] {
    if (!core.runsEffects) return [];
    return draft.effects.flatMap((effect) => {
      const rule = machine.effects[ruleName(effect.key)];
      return rule !== undefined && 'lane' in rule && isDue(effect, now) ? [rule.lane] : [];
    });
  }
}
