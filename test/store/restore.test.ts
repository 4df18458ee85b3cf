import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backupSqlite } from '../../src/store/backup.ts';
import { restoreSqlite } from '../../src/store/restore.ts';
import type { Restoring } from '../../src/store/restore.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { sampleRecord } from './sample.ts';

const NOW = Date.UTC(2030, 0, 1);
const child = fileURLToPath(new URL('restore-child.ts', import.meta.url));

interface Place {
  readonly path: string;
  /** A backup that knows `approval/1` in its first version. */
  readonly from: string;
  /** What the store says now, as its next owner opens it. */
  readonly versions: () => Promise<{ readonly version: number | undefined; readonly epoch: number }>;
  readonly restore: (change?: Partial<Restoring>) => ReturnType<typeof restoreSqlite>;
}

/** A store whose record `approval/1` has its second version, and a backup of the first. */
function withBackup(use: (place: Place) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const path = join(dir, 'listener.db');
    const from = join(dir, 'backup.db');
    const store = await openSqliteStore({ path });
    await store.save(sampleRecord('approval/1', { updatedAt: 1234 }));
    await backupSqlite(path, from);
    await store.save(sampleRecord('approval/1', { version: 2 }));
    await store.close();
    await use({
      path,
      from,
      restore: (change) => restoreSqlite({ path, from, force: true, now: NOW, ...change }),
      async versions() {
        const opened = await openSqliteStore({ path });
        const version = (await opened.read('approval/1'))?.version;
        const epoch = await opened.readEpoch();
        await opened.close();
        return { version, epoch };
      },
    });
  });
}

const filesOf = (path: string) => readdirSync(dirname(path)).toSorted();

describe('restoreSqlite', () => {
  test('puts the backup in the place of the store, in an epoch of its own, and keeps what was there', () =>
    withBackup(async ({ path, from, restore, versions }) => {
      const { kept, ...told } = await restore();
      expect(told).toEqual({ version: 1, epoch: NOW, lastChange: 1234 });
      expect(await versions()).toEqual({ version: 1, epoch: NOW });
      expect(basename(kept ?? '')).toBe('listener.db.before-20300101T000000000Z');
      const before = await openSqliteStore({ path: kept ?? '' });
      expect((await before.read('approval/1'))?.version).toBe(2);
      await before.close();
      for (const file of [path, kept ?? '']) expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(existsSync(`${path}.restoring`)).toBe(false);
      // The backup itself was only read: it can be restored again.
      expect(filesOf(from).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);
    }));

  test('comes after every epoch before, also of a clock that is behind', () =>
    withBackup(async ({ restore, versions }) => {
      await restore();
      await restore({ now: NOW - 5000 });
      expect(await versions()).toEqual({ version: 1, epoch: NOW + 1 });
    }));

  test('makes a store where there is none, and leaves no other file', () =>
    withBackup(async ({ path, from, restore }) => {
      const other = `${path}.other`;
      expect(await restore({ path: other, force: false })).toMatchObject({ kept: undefined });
      expect(filesOf(other).filter((name) => name.startsWith('listener.db.other'))).toEqual([
        'listener.db.other',
        'listener.db.other-owner',
      ]);
      expect(statSync(other).mode & 0o777).toBe(0o600);
      expect(existsSync(`${from}-wal`)).toBe(false);
    }));

  test('takes a copy together with the WAL that lies beside it', () =>
    withBackup(async ({ path, from, restore, versions }) => {
      const db = new DatabaseSync(from);
      db.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0');
      db.exec("update record set body = json_set(body, '$.version', 7)");
      const copied = [from, `${from}-wal`].map((file) => readFileSync(file));
      const torn = `${path}.copied`;
      writeFileSync(torn, copied[0] ?? '');
      writeFileSync(`${torn}-wal`, copied[1] ?? '');
      db.close();
      await restore({ from: torn });
      expect(await versions()).toEqual({ version: 7, epoch: NOW });
    }));

  test('keeps a damaged store as it is, with what belongs to it', () =>
    withBackup(async ({ path, restore, versions }) => {
      writeFileSync(path, 'not a database, but long enough to be taken for one'.repeat(100));
      writeFileSync(`${path}-wal`, 'its wal');
      const { kept = '' } = await restore();
      expect(readFileSync(kept, 'utf8')).toMatch(/^not a database/);
      expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('its wal');
      expect(await versions()).toEqual({ version: 1, epoch: NOW });
    }));
});

describe('restoreSqlite changes nothing', () => {
  async function unchanged({ restore, versions }: Place, change: Partial<Restoring>): Promise<unknown> {
    const failure = await restore(change).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(await versions()).toEqual({ version: 2, epoch: 1 });
    return failure;
  }

  test('while a listener has the store', () =>
    withBackup(async (place) => {
      const owner = await openSqliteStore({ path: place.path });
      await expect(place.restore()).rejects.toMatchObject({ code: 'STORE_OWNED' });
      await owner.close();
      expect(await place.versions()).toEqual({ version: 2, epoch: 1 });
    }));

  test('while another program has the store open', () =>
    withBackup(async (place) => {
      const guest = await openSqliteStore({ path: place.path, owner: false });
      await guest.read('approval/1');
      await expect(place.restore()).rejects.toMatchObject({ code: 'STORE_OWNED' });
      await guest.close();
      expect(await place.versions()).toEqual({ version: 2, epoch: 1 });
    }));

  test('while a listener has the very file that is to be restored', () =>
    withBackup(async (place) => {
      const owner = await openSqliteStore({ path: place.from });
      expect(await unchanged(place, {})).toMatchObject({ code: 'STORE_OWNED' });
      await owner.close();
    }));

  test('where there is a store, unless it is told to', () =>
    withBackup(async (place) => {
      expect(await unchanged(place, { force: false })).toMatchObject({
        code: 'STORE_REFUSED',
        hint: 'with --force it is kept aside under another name',
      });
    }));

  test.each<readonly [string, (from: string) => void, string, RegExp]>([
    ['of no database', (from) => writeFileSync(from, 'hello'.repeat(999)), 'STORE_CORRUPT', /no backup/],
    ['that is empty', (from) => writeFileSync(from, ''), 'STORE_REFUSED', /it is empty/],
    [
      'that was cut off',
      (from) => writeFileSync(from, readFileSync(from).subarray(0, 20_000)),
      'STORE_CORRUPT',
      /damaged/,
    ],
    ['in which a page was changed', spoil, 'STORE_CORRUPT', /damaged/],
    ['of a newer release', (from) => run(from, 'pragma user_version = 99'), 'STORE_VERSION', /newer release/],
    [
      'of another program',
      (from) => run(from, 'pragma application_id = 7'),
      'STORE_REFUSED',
      /another program/,
    ],
    [
      'without an epoch',
      (from) => run(from, "delete from meta where name = 'epoch'"),
      'STORE_CORRUPT',
      /epoch/,
    ],
  ])('for a file %s', (_what, spoilIt, code, message) =>
    withBackup(async (place) => {
      spoilIt(place.from);
      const failure = await unchanged(place, {});
      expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(failure).toHaveProperty('hint');
      expect(filesOf(place.path).filter((name) => /restoring|before/.test(name))).toEqual([]);
    }),
  );

  test('for a file that is not there, a folder, or the store itself', () =>
    withBackup(async (place) => {
      for (const from of [`${place.from}.none`, dirname(place.from), place.path])
        expect(await unchanged(place, { from })).toMatchObject({ code: 'STORE_REFUSED' });
    }));

  test('on a network file system', () =>
    withBackup(async (place) => {
      expect(await unchanged(place, { fileSystemOf: () => 0x6969 })).toMatchObject({ code: 'STORE_REFUSED' });
    }));
});

describe('a restore that is killed', () => {
  test.each<readonly [string, number]>([
    ['copy', 2],
    ['check', 2],
    ['settle', 2],
    ['keep', 2],
    ['swap', 2],
    ['done', 1],
  ])('before %s leaves one of the two stores, whole, and another one ends it', (step, version) =>
    withBackup(async ({ path, from, restore, versions }) => {
      const killed = spawn(process.execPath, [child, path, from, step], { stdio: 'ignore' });
      const [, signal] = await once(killed, 'exit');
      expect(signal).toBe('SIGKILL');
      expect((await versions()).version).toBe(version);
      const db = new DatabaseSync(path);
      expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
      db.close();
      await restore({ now: Date.now() + 60_000 });
      expect((await versions()).version).toBe(1);
      expect(existsSync(`${path}.restoring`)).toBe(false);
    }),
  );
});

function run(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = delete; ${sql}`);
  db.close();
}

// In the middle of an index: only a look at every page finds it.
function spoil(file: string): void {
  const bytes = readFileSync(file);
  const page = bytes.readUInt16BE(16);
  const db = new DatabaseSync(file, { readOnly: true });
  const root = Number(
    db.prepare("select rootpage from sqlite_schema where name = 'record_kind'").get()?.['rootpage'],
  );
  db.close();
  bytes.fill(0xff, (root - 1) * page + 8, (root - 1) * page + 16);
  writeFileSync(file, bytes);
}
