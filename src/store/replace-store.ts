import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../kit/fault.ts';
import { isBusy, sqliteFault } from './sqlite-fault.ts';

/** What SQLite keeps beside a file, and would read into whatever takes its place. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** A store that nobody else has open. */
export interface Settled {
  /** Undefined where it has none. */
  readonly epoch: number | undefined;
  close(): void;
}

const WAIT_MS = 250;

/**
 * Takes what is in its WAL into the file, so that the file alone is the store, and keeps everybody out until `close`.
 * Undefined where there is no store, or a damaged one: that is kept as it is. STORE_OWNED while another program has it open.
 */
export function settle(file: string, before: (step: 'settle') => void): Settled | undefined {
  before('settle');
  if (!existsSync(file) || !isReadable(file)) return undefined;
  const db = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    // Refused while anybody else has the file open.
    db.exec('pragma journal_mode = delete');
    db.exec('begin exclusive');
    return { epoch: epochOf(db), close: () => db.close() };
  } catch (error) {
    db.close();
    if (isBusy(error))
      throw new Fault('STORE_OWNED', `another program has the SQLite store ${file} open`, {
        hint: 'end it first: verbs of the listener, tools for backup and queries',
        cause: error,
      });
    const fault = sqliteFault(error);
    if (fault instanceof Fault && fault.code === 'STORE_CORRUPT') return undefined;
    throw fault;
  }
}

/**
 * Puts a file in the place of a store, in one rename, and keeps the store before under the name it answers with. What SQLite
 * would read into the new one goes with the old one.
 */
export function replaceFile(
  file: string,
  copy: string,
  now: number,
  before: (step: 'keep' | 'swap') => void,
): string | undefined {
  const kept = `${file}.before-${new Date(now).toISOString().replaceAll(/[-:.]/g, '')}`;
  before('keep');
  // Under both names for a moment: there is no moment without a store.
  if (existsSync(file)) linkOrCopy(file, kept);
  // Only of a damaged store, or left without their file.
  for (const side of SIDE_FILES)
    if (existsSync(`${file}${side}`)) renameSync(`${file}${side}`, `${kept}${side}`);
  syncFolder(file);
  before('swap');
  renameSync(copy, file);
  syncFolder(file);
  return existsSync(kept) ? kept : undefined;
}

function linkOrCopy(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch {
    // Not every file system has links.
    copyFileSync(file, kept, constants.COPYFILE_EXCL);
    chmodSync(kept, 0o600);
    const copy = openSync(kept, 'r+');
    fsyncSync(copy);
    closeSync(copy);
  }
}

function syncFolder(file: string): void {
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

// Without touching it: for what is no database SQLite would remove the WAL.
function isReadable(file: string): boolean {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: WAIT_MS });
    try {
      db.prepare('select count(*) from sqlite_schema').get();
    } finally {
      db.close();
    }
    return true;
  } catch (error) {
    const fault = sqliteFault(error);
    if (fault instanceof Fault && fault.code === 'STORE_CORRUPT') return false;
    throw fault;
  }
}

// An old store may be anybody's file: it is only kept.
function epochOf(db: DatabaseSync): number | undefined {
  try {
    const value = db.prepare("select value from meta where name = 'epoch'").get()?.['value'];
    return typeof value === 'number' ? value : undefined;
  } catch (error) {
    if (isBusy(error)) throw error;
    return undefined;
  }
}
