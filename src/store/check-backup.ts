import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';
import { Fault, messageOf } from '../kit/fault.ts';
import { sqliteFault } from './sqlite-fault.ts';
import { knownVersion } from './sqlite-schema.ts';
import { BUMP_SQL } from './sqlite-statements.ts';

/** What a copy of a backup says of itself. */
export interface CheckedBackup {
  /** Version of its schema. */
  readonly version: number;
  /** The epoch it now has. */
  readonly epoch: number;
  /** When its newest record was saved, in milliseconds since the epoch; undefined when it has none. */
  readonly lastChange: number | undefined;
}

const LAST_SQL =
  "select max(case when json_valid(body) then json_extract(body, '$.updatedAt') end) as value from record";

/**
 * Makes a store of a backup's own copy: one whole file without a WAL, every page looked at, in its next epoch, on the disk.
 * `name` is what the operator called it. Faults: STORE_REFUSED, STORE_CORRUPT, STORE_VERSION.
 */
export function checkBackup(copy: string, name: string, epoch: number): CheckedBackup {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(copy);
    // Also takes in a WAL that was copied with it.
    db.exec('pragma journal_mode = delete; pragma synchronous = full');
    const version = knownVersion(db);
    if (version === 0) throw new Fault('STORE_REFUSED', 'it is empty');
    const found = db.prepare('pragma integrity_check(1)').get()?.['integrity_check'];
    if (found !== 'ok') throw new Fault('STORE_CORRUPT', String(found));
    const next = numberOf(db.prepare(BUMP_SQL).get(epoch));
    if (next === undefined) throw new Fault('STORE_CORRUPT', 'its epoch is missing');
    return { version, epoch: next, lastChange: numberOf(db.prepare(LAST_SQL).get()) };
  } catch (error) {
    throw ofBackup(sqliteFault(error), name);
  } finally {
    db?.close();
  }
}

function numberOf(row: Record<string, SQLOutputValue> | undefined): number | undefined {
  const value = row?.['value'];
  return typeof value === 'number' ? value : undefined;
}

function ofBackup(error: unknown, name: string): unknown {
  if (!(error instanceof Fault)) return error;
  const { code, cause, message } = error;
  if (code === 'STORE_CORRUPT')
    return new Fault(code, `${name} is damaged, or no backup: ${messageOf(cause ?? error)}`, {
      hint: 'take another backup; nothing was changed',
      cause: error,
    });
  if (code === 'STORE_VERSION')
    return new Fault(code, `${name} was made by a newer release: ${message}`, {
      hint: 'restore it with that image, or take another backup; nothing was changed',
      cause: error,
    });
  return code === 'STORE_REFUSED' ? refused(`${name} is no backup of a listener: ${message}`, error) : error;
}

function refused(message: string, cause?: Fault): Fault {
  return new Fault('STORE_REFUSED', message, { hint: 'name a file that listener backup made', cause });
}
