import { randomBytes } from 'node:crypto';
import { messageOf } from '../kit/fault.ts';
import type { StoredRecord } from '../store/store.ts';
import { LEASE_MS } from './core.ts';
import type { Core, DurablePorts, SweepReport } from './core.ts';
import { createKeeper } from './keeper.ts';
import type { Keeper, Records } from './keeper.ts';
import { createLanes } from './lanes.ts';
import type { Machine } from './machine.ts';
import { dueAtOf } from './schedule.ts';

export interface EngineOptions extends DurablePorts {
  /** Whether this process runs effects and timers, or only takes events. */
  readonly runsEffects: boolean;
  /** No other process runs effects on this store: leases of others are those of a process that has ended. */
  readonly soleOwner: boolean;
  /** Effects that may run at once in each lane. */
  readonly places: number;
  /** Pause between two sweeps. */
  readonly everyMs: number;
}

/** The one engine for everything that must happen later: records, their timers and their effects. */
export interface Engine {
  /** Makes a kind of record known. */
  keep<Data, Event, Reason>(machine: Machine<Data, Event, Reason>): Records<Data, Event, Reason>;
  /** Calls back after every save of the record in this process, until the returned function is called. */
  watch(id: string, changed: (record: StoredRecord) => void): () => void;
  /** Tends every record that is due; its cost follows what is due. */
  sweep(): Promise<SweepReport>;
  /** Sweeps now and then until `stop`. */
  start(): Promise<void>;
  /** Begins nothing more, and resolves when the running effects have ended or the time is over. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_PAGE = 100;
const LARGEST_PAGE = 20_000;
/** A record that cannot be tended is left alone for so long, so that it holds up no other. */
const SHUNNED_MS = 60_000;

/** Makes an engine; nothing runs before `start` or `sweep`. */
export function createEngine(options: EngineOptions): Engine {
  const { store, clock, log } = options;
  const keepers = new Map<string, Keeper>();
  const watchers = new Map<string, Set<(record: StoredRecord) => void>>();
  const shunned = new Map<string, number>();
  const process = randomBytes(8).toString('hex');
  let leases = 0;
  let stopped = false;
  let wakeUp: (() => void) | undefined;
  const wake = () => wakeUp?.();
  const lanes = createLanes(options.places, wake);

  const core: Core = {
    ...options,
    lanes,
    wake,
    get runsEffects() {
      return options.runsEffects && !stopped;
    },
    leaseName: () => `${process}:${++leases}`,
    flushed: new Map(),
    notify(record) {
      for (const changed of watchers.get(record.id) ?? []) changed(record);
    },
  };

  const tend = async (id: string): Promise<'tended' | 'full' | 'idle' | 'failed'> => {
    try {
      const record = await store.read(id);
      if (record === undefined) return 'idle';
      const keeper = keepers.get(record.kind);
      if (keeper !== undefined) return await keeper.tend(record);
      core.observer.newer(id);
    } catch (error) {
      log.warn(`${id} is left alone for a minute: ${options.redact(messageOf(error))}`);
    }
    shunned.set(id, clock.now() + SHUNNED_MS);
    return 'failed';
  };

  const sweep = async (): Promise<SweepReport> => {
    const began = clock.now();
    const count = { due: 0, tended: 0, failed: 0 };
    for (let limit = FIRST_PAGE; !stopped; ) {
      const ids = await store.due(clock.now(), limit);
      const fresh = ids.filter((id) => (shunned.get(id) ?? 0) <= clock.now());
      const ends = await Promise.all(fresh.map(tend));
      const tended = ends.filter((end) => end === 'tended').length;
      count.due = Math.max(count.due, ids.length);
      count.tended += tended;
      count.failed += ends.filter((end) => end === 'failed').length;
      if (ids.length < limit) break;
      // The first in the queue wait for a full lane: look behind them.
      if (tended === 0) limit *= 4;
      if (limit > LARGEST_PAGE) break;
    }
    for (const [id, until] of shunned) if (until <= clock.now()) shunned.delete(id);
    const report = { ...count, ms: clock.now() - began };
    core.observer.swept(report);
    return report;
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const pause = new AbortController();
      wakeUp = () => pause.abort();
      await sweep().catch((error: unknown) => log.warn(`sweep: ${options.redact(messageOf(error))}`));
      await clock.sleep(options.everyMs, pause.signal).catch(() => undefined);
    }
  };
  let looping: Promise<void> | undefined;

  // After a crash the effects it was at would wait for the end of their leases.
  const freeLeases = async (): Promise<void> => {
    for (const id of await store.due(clock.now() + LEASE_MS, LARGEST_PAGE)) {
      const record = await store.read(id);
      if (!record?.effects.some(({ lease }) => lease !== undefined)) continue;
      const effects = record.effects.map(({ lease, ...effect }) =>
        lease === undefined ? effect : { ...effect, attempts: effect.attempts + 1 },
      );
      const dueAt = dueAtOf(effects);
      await store.save({
        ...record,
        version: record.version + 1,
        effects,
        ...(dueAt !== undefined && { dueAt }),
      });
    }
  };

  return {
    keep(machine) {
      const keeper = createKeeper(machine, core);
      keepers.set(machine.kind, keeper);
      return keeper;
    },
    watch(id, changed) {
      const all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(changed));
      return () => {
        all.delete(changed);
        if (all.size === 0) watchers.delete(id);
      };
    },
    sweep,
    async start() {
      if (!options.runsEffects) return;
      if (options.soleOwner) await freeLeases();
      looping = loop();
    },
    async stop(graceMs) {
      stopped = true;
      wake();
      const over = new AbortController();
      await Promise.race([
        Promise.all([looping, lanes.idle()]),
        clock.sleep(graceMs, over.signal).catch(() => undefined),
      ]);
      over.abort();
    },
  };
}
