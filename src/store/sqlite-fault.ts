import { Fault, messageOf } from '../kit/fault.ts';

const BUSY = 5;
// https://www.sqlite.org/rescode.html: locked, read-only, I/O, full, cannot open, locking protocol, interrupted
const UNAVAILABLE: readonly number[] = [BUSY, 6, 8, 9, 10, 13, 14, 15];
// damaged, not a database
const DAMAGED: readonly number[] = [11, 26];

/** Whether another connection holds the lock that was needed: a short wait may help. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** What SQLite threw, as a Fault where it says something about the disk or the lock; a bug stays as it is. */
export function sqliteFault(error: unknown): unknown {
  const code = primaryCode(error);
  if (code === undefined) return error;
  if (DAMAGED.includes(code))
    return new Fault('STORE_CORRUPT', `the SQLite store is damaged: ${messageOf(error)}`, {
      hint: 'stop the listener, keep a copy of the file, and restore a backup',
      cause: error,
    });
  if (!UNAVAILABLE.includes(code)) return error;
  return new Fault('STORE_UNAVAILABLE', `the SQLite store is not available: ${messageOf(error)}`, {
    hint: isBusy(error)
      ? 'another program holds its lock: end long transactions of backup and query tools'
      : 'see the free space, the rights and the health of its disk',
    cause: error,
  });
}

/** Runs it, with what SQLite throws as a Fault. */
export function withSqliteFaults<Answer>(run: () => Answer): Answer {
  try {
    return run();
  } catch (error) {
    throw sqliteFault(error);
  }
}

// Extended codes (SQLITE_BUSY_SNAPSHOT, SQLITE_IOERR_FSYNC, …) carry the primary one in their low byte.
function primaryCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}
