import { existsSync, rmSync } from 'node:fs';
import { backup } from 'node:sqlite';
import { Fault, messageOf } from '../kit/fault.ts';
import { secureFile } from './sqlite-disk.ts';
import { openDatabase } from './sqlite.ts';

/** Copies a SQLite store, also while a listener runs on it, to a file that must not be there yet; mode 0600. Faults: STORE_REFUSED. */
export async function backupSqlite(path: string, to: string): Promise<void> {
  if (existsSync(to)) throw new Fault('STORE_REFUSED', `${to} is there already`, { hint: 'name a new file' });
  if (!existsSync(path)) throw new Fault('STORE_REFUSED', `there is no SQLite store ${path}`);
  const db = openDatabase(path, () => undefined);
  try {
    // Private before the first byte is copied.
    secureFile(to);
    await backup(db, to);
  } catch (cause) {
    rmSync(to, { force: true });
    throw new Fault('STORE_REFUSED', `the backup could not be written: ${messageOf(cause)}`, {
      hint: 'check the folder and the space on its disk',
      cause,
    });
  } finally {
    db.close();
  }
}
