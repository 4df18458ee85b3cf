import { closeSync, existsSync, fsyncSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault, messageOf } from '../kit/fault.ts';
import { checkBackup } from './check-backup.ts';
import type { CheckedBackup } from './check-backup.ts';
import { replaceFile, settle, SIDE_FILES } from './replace-store.ts';
import { checkDisk } from './sqlite-disk.ts';
import type { FileSystemOf } from './sqlite-disk.ts';
import { takeOwnership } from './sqlite-owner.ts';

export interface Restoring {
  /** Of the store. */
  readonly path: string;
  /** The backup; it is only read. */
  readonly from: string;
  /** Whether a store that is there may be put aside. */
  readonly force: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly fileSystemOf?: FileSystemOf | undefined;
  /** Told before each step: a test that ends the process there finds one of the two stores whole. */
  readonly before?: ((step: 'copy' | 'check' | 'settle' | 'keep' | 'swap' | 'done') => void) | undefined;
}

export interface Restored extends CheckedBackup {
  /** Where the store is kept that was there before. */
  readonly kept: string | undefined;
}

/**
 * Puts a backup in the place of a SQLite store, in its next epoch: at every moment either the store before or the restored
 * one is there, whole. Faults: STORE_OWNED while a listener runs on the store, STORE_REFUSED, STORE_CORRUPT and
 * STORE_VERSION for a file that cannot be restored.
 */
export async function restoreSqlite(wish: Restoring): Promise<Restored> {
  const { path, from, force, now, before = () => undefined } = wish;
  checkFile(from);
  checkDisk(path, wish.fileSystemOf);
  const file = realPath(path);
  if (realPath(from) === file) throw refused(`${from} is the store itself`, 'name a backup of it');
  const release = takeOwnership(file);
  const copy = `${file}.restoring`;
  try {
    if (existsSync(file) && !force)
      throw refused(`there is a store ${path} already`, 'with --force it is kept aside under another name');
    before('copy');
    await copyPrivately(from, copy);
    before('check');
    const settled = settle(file, before);
    try {
      const checked = checkBackup(copy, from, Math.max(now, (settled?.epoch ?? 0) + 1));
      sync(copy);
      const kept = replaceFile(file, copy, now, before);
      before('done');
      return { ...checked, kept };
    } finally {
      settled?.close();
    }
  } finally {
    removeAll(copy);
    release();
  }
}

function checkFile(from: string): void {
  if (!existsSync(from)) throw refused(`there is no backup ${from}`, 'name a file that listener backup made');
  if (!statSync(from).isFile()) throw refused(`${from} is no file`, 'name a file that listener backup made');
  // A store that a listener writes cannot be copied as a file.
  if (existsSync(`${from}-owner`)) takeOwnership(from)();
}

// SQLite follows links: what stands beside the file is the same for everybody.
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

// As bytes: opening the backup itself would write beside it, where its disk may be read-only.
async function copyPrivately(from: string, to: string): Promise<void> {
  removeAll(to);
  try {
    for (const side of ['', '-wal'])
      if (side === '' || existsSync(`${from}${side}`))
        await pipeline(
          createReadStream(`${from}${side}`),
          createWriteStream(`${to}${side}`, { flags: 'wx', mode: 0o600 }),
        );
  } catch (cause) {
    throw new Fault('STORE_REFUSED', `the backup could not be copied: ${messageOf(cause)}`, {
      hint: 'check the rights of the file, the folder of the store and the space on its disk',
      cause,
    });
  }
}

function removeAll(file: string): void {
  for (const side of ['', ...SIDE_FILES]) rmSync(`${file}${side}`, { force: true });
}

function sync(file: string): void {
  const opened = openSync(file, 'r+');
  fsyncSync(opened);
  closeSync(opened);
}

function refused(message: string, hint: string): Fault {
  return new Fault('STORE_REFUSED', message, { hint });
}
