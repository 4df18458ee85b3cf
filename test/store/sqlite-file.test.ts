import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase, openSqliteStore } from '../../src/store/sqlite.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { sampleRecord } from './sample.ts';
import { withSqlite } from './with-sqlite.ts';

describe('the file', () => {
  test('is for its owner alone, with all files beside it, whatever the umask', () =>
    withTempDir(async (dir) => {
      const before = process.umask(0);
      try {
        const path = join(dir, 'listener.db');
        const store = await openSqliteStore({ path });
        await store.save(sampleRecord('approval/1'));
        for (const suffix of ['', '-wal', '-shm', '-owner'])
          expect([suffix, statSync(path + suffix).mode & 0o777]).toEqual([suffix, 0o600]);
        await store.close();
      } finally {
        process.umask(before);
      }
    }));

  test('loses the rights that others had on it', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      writeFileSync(path, '', { mode: 0o644 });
      await (await openSqliteStore({ path })).close();
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }));

  test('is in WAL, syncs at every commit, and never makes the event loop wait for a lock', () =>
    withSqlite(async (_store, path) => {
      const db = openDatabase(path, () => undefined);
      const settings = ['journal_mode', 'synchronous', 'busy_timeout'].map((name) =>
        Object.values(db.prepare(`pragma ${name}`).get() ?? {}),
      );
      db.close();
      expect(settings).toEqual([['wal'], [2], [0]]);
    }));

  test.each([
    ['NFS, as EFS is', 0x6969],
    ['CIFS', 0xff534d42],
    ['CIFS where the number is signed', 0xff534d42 | 0],
    ['SMB', 0xfe534d42],
    ['FUSE, as sshfs is', 0x65735546],
    ['9p', 0x01021997],
    ['Ceph', 0x00c36400],
  ])('is refused on %s, before anything is made there', (_name, type) =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      const asked: string[] = [];
      const fileSystemOf = (place: string) => {
        asked.push(place);
        return type;
      };
      await expect(openSqliteStore({ path, fileSystemOf })).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        hint: 'put it on a local disk or a block volume, or use store.dynamodb',
      });
      expect(asked).toEqual([dir]);
      expect(existsSync(path)).toBe(false);
    }),
  );

  test.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['btrfs', 0x9123683e],
    ['overlayfs', 0x794c7630],
    ['tmpfs', 0x01021994],
    ['zfs', 0x2fc12fc1],
  ])('is taken on %s', (_name, type) =>
    withTempDir(async (dir) => {
      const store = await openSqliteStore({ path: join(dir, 'listener.db'), fileSystemOf: () => type });
      expect(await store.save(sampleRecord('approval/1'))).toBe('saved');
      await store.close();
    }),
  );

  test('is looked at itself when it exists: a link may lead to another file system', () =>
    withSqlite(async (_store, path) => {
      const asked: string[] = [];
      const fileSystemOf = (place: string) => {
        asked.push(place);
        return 0x6969;
      };
      await expect(openSqliteStore({ path, owner: false, fileSystemOf })).rejects.toMatchObject({
        code: 'STORE_REFUSED',
      });
      expect(asked).toEqual([path]);
    }));

  test('is not made in a folder that does not exist, such as a volume that is not mounted', () =>
    withTempDir(async (dir) => {
      await expect(openSqliteStore({ path: join(dir, 'data/listener.db') })).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        message: `the folder ${dir}/data of the SQLite store does not exist`,
      });
    }));

  test('is refused when it is no database, and left as it was', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      writeFileSync(path, 'x'.repeat(5000));
      await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      expect(statSync(path).size).toBe(5000);
    }));
});
