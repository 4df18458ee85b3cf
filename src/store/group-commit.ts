import { performance } from 'node:perf_hooks';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Fault } from '../kit/fault.ts';
import { isBusy, sqliteFault } from './sqlite-fault.ts';

// At about 20 µs a write and one fsync for all of them: short enough to block the event loop.
const MOST_TOGETHER = 256;
const WAIT_MS = 250;
const AGAIN_MS = 5;

interface Job {
  readonly until: number;
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of many callers in one transaction. */
export interface GroupCommit {
  /** Runs `write` in the next transaction; resolves to its answer once that is on the disk. What it throws is its caller's alone. */
  write<Answer>(write: () => Answer): Promise<Answer>;
  /** Resolves when everything asked for so far has ended. */
  idle(): Promise<void>;
}

/**
 * Collects the writes of a turn of the event loop, and those that come while a transaction runs, into one `BEGIN
 * IMMEDIATE … COMMIT`: one fsync for all. A lock held by another connection is waited for without blocking, each write at
 * most 250 ms, then it is STORE_UNAVAILABLE. On one thread on purpose: a worker thread gave the same rate and latency, and
 * only spared other requests the wait for the fsync that runs.
 */
export function createGroupCommit(db: Pick<DatabaseSync, 'exec' | 'isTransaction'>): GroupCommit {
  const queue: Job[] = [];
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    await setImmediate();
    while (queue.length > 0) {
      if (begin()) {
        commit(queue.splice(0, MOST_TOGETHER));
        await setImmediate();
      } else if (queue.length > 0) await setTimeout(AGAIN_MS);
    }
    draining = undefined;
  }

  /** False: busy, or everything has been refused. */
  function begin(): boolean {
    try {
      db.exec('begin immediate');
      return true;
    } catch (error) {
      const now = performance.now();
      const refused = isBusy(error) ? queue.filter(({ until }) => until <= now) : [...queue];
      queue.splice(0, refused.length);
      for (const job of refused) job.reject(sqliteFault(error));
      return false;
    }
  }

  function commit(jobs: readonly Job[]): void {
    const told: (() => void)[] = [];
    try {
      for (const job of jobs) told.push(attempt(job));
      db.exec('commit');
    } catch (error) {
      const fault = sqliteFault(error);
      for (const job of jobs) job.reject(fault);
      if (db.isTransaction) db.exec('rollback');
      return;
    }
    for (const tell of told) tell();
  }

  function attempt(job: Job): () => void {
    try {
      return job.run();
    } catch (error) {
      // A Fault is thrown before anything is written; whatever SQLite throws may have left half of a write.
      if (!(error instanceof Fault)) throw error;
      return () => job.reject(error);
    }
  }

  return {
    write: (write) =>
      new Promise((resolve, reject) => {
        const run = () => {
          const answer = write();
          return () => resolve(answer);
        };
        queue.push({ until: performance.now() + WAIT_MS, run, reject });
        draining ??= drain();
      }),
    idle: () => draining ?? Promise.resolve(),
  };
}
