import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../kit/fault.ts';
import type { Core, SweepReport } from './core.ts';
import type { Keeper } from './keeper.ts';
import { UNKNOWN_MS } from './tend.ts';

/** Finds what is due and has it tended. */
export interface Sweeper {
  /** Tends every record that is due, each once; its cost follows what is due. */
  sweep(): Promise<SweepReport>;
  /** A record was written by this process: what was known of it is no longer true. */
  changed(id: string): void;
}

const FIRST_PAGE = 100;
const LARGEST_PAGE = 100_000;
/** Records tended at once. */
const AT_ONCE = 32;
/** Records looked at in one turn of the event loop: SQLite answers at once, and clicks must not wait for thousands of records. */
const IN_A_TURN = 20;
const MOST_TRIES = 3;
/** A record that cannot be tended is left alone: for a second, then for twice as long, … so that it holds up no other. */
const SHUNNED_MS = 1000;
const LONGEST_SHUNNED_MS = 60_000;

interface LeftAlone {
  readonly until: number;
  /** Its lanes were full: it need not be read before one of them has a place. */
  readonly lanes: readonly string[];
  readonly failures: number;
}

/** Remembers what need not be read again, so that what waits costs next to nothing. */
export function createSweeper(core: Core, keepers: ReadonlyMap<string, Keeper>): Sweeper {
  const { store, clock, lanes, log, observer } = core;
  const left = new Map<string, LeftAlone>();
  let lagMs = 0;

  const isLeftAlone = (id: string): boolean => {
    const entry = left.get(id);
    return (
      entry !== undefined && clock.now() < entry.until && !entry.lanes.some((lane) => lanes.hasPlace(lane))
    );
  };

  const tendOnce = async (id: string): Promise<'tended' | 'conflict' | 'other'> => {
    const record = await store.read(id);
    if (record === undefined) return 'other';
    const keeper = keepers.get(record.kind);
    if (keeper === undefined) observer.newer(id);
    const came = (await keeper?.tend(record)) ?? {
      kind: 'waits',
      until: clock.now() + UNKNOWN_MS,
      lanes: [],
    };
    if (came.kind === 'tended') lagMs = Math.max(lagMs, clock.now() - (record.dueAt ?? clock.now()));
    if (came.kind === 'waits') left.set(id, { ...came, failures: 0 });
    else left.delete(id);
    return came.kind === 'tended' || came.kind === 'conflict' ? came.kind : 'other';
  };

  const tend = async (id: string): Promise<'tended' | 'failed' | 'other'> => {
    try {
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const came = await tendOnce(id);
        if (came !== 'conflict') return came;
      }
      return 'other';
    } catch (error) {
      const failures = (left.get(id)?.failures ?? 0) + 1;
      const pause = Math.min(SHUNNED_MS * 2 ** (failures - 1), LONGEST_SHUNNED_MS);
      left.set(id, { until: clock.now() + pause, lanes: [], failures });
      log.warn(`${id} is left alone for ${pause / 1000} s: ${core.redact(messageOf(error))}`);
      return 'failed';
    }
  };

  const forget = () => {
    for (const [id, { until }] of left) if (until + LONGEST_SHUNNED_MS <= clock.now()) left.delete(id);
  };

  return {
    changed: (id) => left.delete(id),
    async sweep() {
      const began = clock.now();
      lagMs = 0;
      const seen = new Set<string>();
      let [tended, failed] = [0, 0];
      for (let limit = FIRST_PAGE; core.runsEffects && limit <= LARGEST_PAGE; ) {
        const ids = await store.due(clock.now(), limit);
        const fresh = ids.filter((id) => !seen.has(id));
        for (const id of ids) seen.add(id);
        await eachOf(fresh, async (id) => {
          if (!core.runsEffects || isLeftAlone(id)) return;
          const came = await tend(id);
          if (came === 'tended') tended++;
          if (came === 'failed') failed++;
        });
        if (ids.length < limit) break;
        // The first in the queue wait: look behind them.
        if (fresh.length < limit / 2) limit *= 4;
      }
      forget();
      const report = { due: seen.size, tended, failed, ms: clock.now() - began, lagMs };
      observer.swept(report);
      return report;
    },
  };
}

async function eachOf(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  const rest = ids.values();
  let looked = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const worker = async () => {
    for (const id of rest) {
      if (++looked % IN_A_TURN === 0) turn = setImmediate();
      await turn;
      await act(id);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, worker));
}
