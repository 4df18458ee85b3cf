import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { SqliteOptions } from '../../src/store/sqlite.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { startChild } from './child.ts';
import { sampleAudit, sampleRecord } from './sample.ts';
import { withSqlite } from './with-sqlite.ts';

/** Uses a second connection to the file, as a query tool would. */
function beside<T>(path: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { timeout: 60_000 });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const withBody = (path: string, body: string) =>
  beside(path, (db) => db.prepare("update record set body = ? where id = 'approval/1'").run(body));

describe('the owner', () => {
  test('is one: a second listener is told who is in the way and what to do', () =>
    withSqlite(async (_store, path) => {
      await expect(openSqliteStore({ path })).rejects.toMatchObject({
        code: 'STORE_OWNED',
        message: `another listener has the SQLite store ${path} open`,
        hint: 'stop it first, or give this one a path of its own; several replicas need store.dynamodb',
      });
    }));

  test('is one, also where a link leads to the same file', () =>
    withSqlite(async (_store, path) => {
      symlinkSync(path, `${path}.link`);
      await expect(openSqliteStore({ path: `${path}.link` })).rejects.toMatchObject({ code: 'STORE_OWNED' });
      const guest = await openSqliteStore({ path: `${path}.link`, owner: false });
      expect(await guest.save(sampleRecord('approval/1'))).toBe('saved');
      await guest.close();
    }));

  test('is one among processes, until it is killed', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      const child = startChild(
        `const store = await openSqliteStore({ path: args[0] }); say('open'); setInterval(() => {}, 1000);`,
        path,
      );
      await child.has(1);
      await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'STORE_OWNED' });
      await child.kill();
      await (await openSqliteStore({ path })).close();
    }));

  test('gives the file free when it closes, and when it could not open it', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      await (await openSqliteStore({ path })).close();
      beside(path, (db) => db.exec('pragma user_version = 99'));
      await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'STORE_VERSION' });
      beside(path, (db) => db.exec('pragma user_version = 1'));
      await (await openSqliteStore({ path })).close();
    }));
});

describe('a guest', () => {
  const guest = (path: string, more: Partial<SqliteOptions> = {}) =>
    openSqliteStore({ path, owner: false, ...more });

  test('makes no store where there is none', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      await expect(guest(path)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
      expect(existsSync(path)).toBe(false);
    }));

  test('compares and sets beside the owner, from another process, and no write is lost', () =>
    withSqlite(async (store, path) => {
      const adds = 60;
      await store.save(sampleRecord('counter', { data: { owner: 0, guest: 0 } }));
      const child = startChild(
        `
        const store = await openSqliteStore({ path: args[0], owner: false });
        for (let done = 0; done < ${adds};) {
          const record = await store.read('counter');
          const data = { ...record.data, guest: record.data.guest + 1 };
          if ((await store.save({ ...record, version: record.version + 1, data })) === 'saved') done++;
        }
        await store.close();`,
        path,
      );
      for (let done = 0; done < adds; ) {
        const record = await store.read('counter');
        if (!record) throw new Error('the counter is gone');
        const data = { ...record.data, owner: Number(record.data['owner']) + 1 };
        if ((await store.save({ ...record, version: record.version + 1, data })) === 'saved') done++;
      }
      expect(await child.ended()).toBe(0);
      const record = await store.read('counter');
      expect([record?.data, record?.version]).toEqual([{ owner: adds, guest: adds }, 1 + 2 * adds]);
    }));
});

describe('a locked file', () => {
  test('is STORE_UNAVAILABLE while nobody gives it free; meanwhile reads answer and the event loop runs', () =>
    withSqlite(async (store, path) => {
      await store.save(sampleRecord('approval/1'));
      const other = new DatabaseSync(path);
      other.exec('begin immediate');
      let turns = 0;
      const saving = store.save(sampleRecord('approval/1', { version: 2 }));
      const settled = saving.then(
        () => 'saved',
        () => 'refused',
      );
      while ((await Promise.race([settled, setImmediate('turn')])) === 'turn') turns++;
      await expect(saving).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        hint: 'another program holds its lock: end long transactions of backup and query tools',
      });
      expect(turns).toBeGreaterThan(10);
      expect((await store.read('approval/1'))?.version).toBe(1);
      other.exec('rollback');
      other.close();
      expect(await store.save(sampleRecord('approval/1', { version: 2 }))).toBe('saved');
    }));

  test('is waited for while the lock is short', () =>
    withSqlite(async (store, path) => {
      const other = new DatabaseSync(path);
      other.exec('begin immediate');
      const saving = store.save(sampleRecord('approval/1'));
      for (let turn = 0; turn < 5; turn++) await setImmediate();
      other.exec('commit');
      expect(await saving).toBe('saved');
      other.close();
    }));
});

describe('closing', () => {
  test('waits for what was asked before, and refuses what comes after', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'listener.db');
      const store = await openSqliteStore({ path });
      const saving = Array.from({ length: 300 }, (_, index) => store.save(sampleRecord(`approval/${index}`)));
      const closing = store.close();
      await expect(store.save(sampleRecord('late'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await expect(store.read('late')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await closing;
      expect(new Set(await Promise.all(saving))).toEqual(new Set(['saved']));
      await store.close();
      const again = await openSqliteStore({ path });
      expect((await again.read('approval/299'))?.id).toBe('approval/299');
      expect(await again.read('late')).toBeUndefined();
      await again.close();
    }));
});

describe('damage', () => {
  test('is STORE_CORRUPT where a record is none, and the rest can be read', () =>
    withSqlite(async (store, path) => {
      await store.save(sampleRecord('approval/1'));
      await store.save(sampleRecord('approval/2'));
      for (const body of ['{"id":', '{}', JSON.stringify(sampleRecord('approval/2'))]) {
        withBody(path, body);
        await expect(store.read('approval/1')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      }
      expect((await store.read('approval/2'))?.id).toBe('approval/2');
    }));

  test('is STORE_CORRUPT where an audit entry is none', () =>
    withSqlite(async (store, path) => {
      await store.putAudit([sampleAudit('approval/1', 1)]);
      beside(path, (db) => db.exec("update audit set body = '{}'"));
      await expect(store.readAudit('approval/1')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    }));
});

test('forgets what is over for an hour, a few at each call, so that a clock set back brings nothing back', () =>
  withSqlite(async (store, path) => {
    const hour = 3600_000;
    const left = () => beside(path, (db) => db.prepare('select count(*) as n from remembered').get()?.['n']);
    await Promise.all(Array.from({ length: 40 }, (_, index) => store.remember(`old/${index}`, 100, 1)));
    await store.remember('new/a', 9 * hour, 99 + hour);
    expect(left()).toBe(41);
    expect(await store.remember('old/0', 200, 99)).toBe(false);
    await store.remember('new/b', 9 * hour, 100 + hour);
    expect(left()).toBe(34);
    for (let call = 1; call < 6; call++) await store.remember(`new/${call}`, 9 * hour, 100 + hour);
    expect(left()).toBe(7);
  }));

test('counts its epochs, also over a restart', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'listener.db');
    const store = await openSqliteStore({ path });
    expect(await store.readEpoch()).toBe(1);
    expect(await store.bumpEpoch(1000)).toBe(1000);
    expect(await store.bumpEpoch(999)).toBe(1001);
    await store.close();
    const again = await openSqliteStore({ path });
    expect(await again.readEpoch()).toBe(1001);
    await again.close();
  }));

test.each([1, 20, 150, 700])('a process killed after %i answers has kept each of them', (answers) =>
  withTempDir(async (dir) => {
    const path = join(dir, 'listener.db');
    const child = startChild(
      `
      const store = await openSqliteStore({ path: args[0] });
      const write = async (id) => {
        for (let version = 1; ; version++) {
          await store.save(sampleRecord(id, { version, dueAt: version }));
          say(id + ' ' + version);
          await store.putAudit([sampleAudit(id, version)]);
          say(id + ' audit ' + version);
        }
      };
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map(write));`,
      path,
    );
    await child.has(answers);
    await child.kill();
    const store = await openSqliteStore({ path });
    for (const line of child.lines) {
      const [id = '', kind, seq] = line.split(' ');
      if (kind === 'audit') expect((await store.readAudit(id)).length).toBeGreaterThanOrEqual(Number(seq));
      else expect((await store.read(id))?.version).toBeGreaterThanOrEqual(Number(kind));
    }
    await store.close();
    expect(beside(path, (db) => db.prepare('pragma integrity_check').get())).toEqual({
      integrity_check: 'ok',
    });
  }),
);
