import { randomBytes } from 'node:crypto';
import { messageOf } from '../kit/fault.ts';
import type { StoredRecord } from '../store/store.ts';
import { createAuditItems } from './audit-items.ts';
import type { Core, DurablePorts, SweepReport } from './core.ts';
import { freeLeases } from './free-leases.ts';
import { createKeeper } from './keeper.ts';
import type { Keeper, Records } from './keeper.ts';
import { createLanes } from './lanes.ts';
import type { Machine } from './machine.ts';
import { guarded } from './observer.ts';
import { RESTORE_WALK_ID, restoreWalkMachine } from './restore-walk.ts';
import { createSweeper } from './sweeper.ts';
import { createWatchers } from './watchers.ts';

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
  /** Tends every record that is due; its cost follows what is due. Does nothing in a process that only takes events. */
  sweep(): Promise<SweepReport>;
  /** Sweeps now and then until `stop`; after a restore of the store, first has every record from before it told so. */
  start(): Promise<void>;
  /** Begins nothing more, and resolves when the running effects have ended or the time is over. */
  stop(graceMs: number): Promise<void>;
}

/** Makes an engine; nothing runs before `start` or `sweep`. */
export function createEngine(options: EngineOptions): Engine {
  const { clock, log } = options;
  const keepers = new Map<string, Keeper>();
  const watchers = createWatchers(log);
  const process = randomBytes(8).toString('hex');
  const over = new AbortController();
  let leases = 0;
  let stopped = false;
  let isTold = options.epoch === 1;
  let wakeUp: (() => void) | undefined;
  let looping: Promise<void> | undefined;
  const wake = () => wakeUp?.();

  const core: Core = {
    ...options,
    observer: guarded(options.observer, log),
    lanes: createLanes(options.places, wake),
    over: over.signal,
    get runsEffects() {
      return options.runsEffects && !stopped;
    },
    leaseName: () => `${process}:${++leases}`,
    auditItems: createAuditItems(options),
    notify(record) {
      sweeper.changed(record.id);
      watchers.tell(record);
    },
  };
  const sweeper = createSweeper(core, keepers);
  const restoreWalk = createKeeper(restoreWalkMachine({ ...options, keepers }), core);
  keepers.set(restoreWalk.kind, restoreWalk);

  // Every record is told of it by itself, at the latest when something is done with it: here those that nobody asks for.
  const tellOfRestore = async (): Promise<void> => {
    if (isTold) return;
    await restoreWalk.send(RESTORE_WALK_ID, { type: 'begin', epoch: options.epoch });
    isTold = true;
  };

  const sweep = async (): Promise<SweepReport> => {
    if (core.runsEffects) await tellOfRestore();
    return sweeper.sweep();
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const pause = new AbortController();
      wakeUp = () => pause.abort();
      await sweep().catch((error: unknown) => log.warn(`sweep: ${options.redact(messageOf(error))}`));
      await clock.sleep(options.everyMs, pause.signal).catch(() => undefined);
    }
  };

  return {
    keep(machine) {
      const keeper = createKeeper(machine, core);
      keepers.set(machine.kind, keeper);
      return keeper;
    },
    watch: (id, changed) => watchers.watch(id, changed),
    sweep,
    async start() {
      if (!core.runsEffects) return;
      if (options.soleOwner) await freeLeases(core, keepers, (owner) => owner.startsWith(`${process}:`));
      looping = loop();
    },
    async stop(graceMs) {
      stopped = true;
      wake();
      const drained = new AbortController();
      await Promise.race([
        Promise.all([looping, core.lanes.idle()]).then(() => core.auditItems.idle()),
        clock.sleep(graceMs, drained.signal).catch(() => undefined),
      ]);
      drained.abort();
      over.abort();
    },
  };
}
