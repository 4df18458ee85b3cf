import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { migrateSqlite } from '../../src/store/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bringForward } from '../../src/store/sqlite-schema.ts';
import type { SchemaStep } from '../../src/store/sqlite-schema.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { sampleRecord } from './sample.ts';

const first: SchemaStep = { additive: true, sql: 'create table one (a)' };
const additive: SchemaStep = { additive: true, sql: 'create table two (b)' };
const rewriting: SchemaStep = { additive: false, sql: 'alter table one rename column a to c' };

const inDir = (use: (path: string) => Promise<void>) => withTempDir((dir) => use(join(dir, 'listener.db')));

/** A file that has taken these steps. */
function made(path: string, steps: readonly SchemaStep[]): void {
  withDatabase(path, (db) => bringForward(db, { all: true, steps }));
}

function withDatabase<T>(path: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path);
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const tablesOf = (path: string) =>
  withDatabase(path, (db) =>
    db
      .prepare("select name from sqlite_schema where type = 'table' order by name")
      .all()
      .map(({ name }) => name),
  );

test('makes a new store, and says so; again changes nothing', () =>
  inDir(async (path) => {
    expect(await migrateSqlite(path)).toEqual({ from: 0, to: 1, notes: [] });
    expect(tablesOf(path)).toEqual(['audit', 'meta', 'record', 'remembered']);
    expect(await migrateSqlite(path)).toEqual({ from: 1, to: 1, notes: [] });
    const guest = await openSqliteStore({ path, owner: false });
    expect(await guest.save(sampleRecord('approval/1'))).toBe('saved');
    await guest.close();
  }));

test('is refused while a listener owns the store', () =>
  inDir(async (path) => {
    const store = await openSqliteStore({ path });
    await expect(migrateSqlite(path)).rejects.toMatchObject({ code: 'STORE_OWNED' });
    await store.close();
  }));

test('takes every missing step, in order, one version each', () =>
  inDir(async (path) => {
    made(path, [first]);
    expect(await migrateSqlite(path, { steps: [first, additive, rewriting] })).toMatchObject({
      from: 1,
      to: 3,
    });
    expect(tablesOf(path)).toEqual(['one', 'two']);
    expect(withDatabase(path, (db) => db.prepare('pragma user_version').get())).toEqual({ user_version: 3 });
    expect(withDatabase(path, (db) => db.prepare('select c from one').all())).toEqual([]);
  }));

test('a step that fails is undone as a whole; those before it stay, and the next try goes on there', () =>
  inDir(async (path) => {
    made(path, [first]);
    const broken = { additive: false, sql: 'create table three (d); insert into nowhere values (1)' };
    await expect(migrateSqlite(path, { steps: [first, additive, broken] })).rejects.toThrow('nowhere');
    expect(tablesOf(path)).toEqual(['one', 'two']);
    expect(await migrateSqlite(path, { steps: [first, additive, rewriting] })).toMatchObject({
      from: 2,
      to: 3,
    });
  }));

test('a start takes steps that only add', () =>
  inDir(async (path) => {
    made(path, [first]);
    expect(withDatabase(path, (db) => bringForward(db, { all: false, steps: [first, additive] }))).toEqual({
      from: 1,
      to: 2,
    });
  }));

test('a start leaves a store alone that needs more than that, and says what to do', () =>
  inDir(async (path) => {
    made(path, [first]);
    const start = () =>
      withDatabase(path, (db) => bringForward(db, { all: false, steps: [first, additive, rewriting] }));
    expect(start).toThrow(
      expect.objectContaining({
        code: 'STORE_VERSION',
        message: 'the SQLite store has schema version 1, this program needs 3',
        hint: 'make a backup, stop the listener, and run: listener migrate',
      }),
    );
    expect(tablesOf(path)).toEqual(['one']);
  }));

test('a newer store is refused by owner, guest and migrate, with both versions', () =>
  inDir(async (path) => {
    await migrateSqlite(path);
    withDatabase(path, (db) => db.exec('pragma user_version = 7'));
    const refusal = {
      code: 'STORE_VERSION',
      message: 'the SQLite store has schema version 7, this program knows 1',
    };
    await expect(openSqliteStore({ path })).rejects.toMatchObject(refusal);
    await expect(openSqliteStore({ path, owner: false })).rejects.toMatchObject(refusal);
    await expect(migrateSqlite(path)).rejects.toMatchObject(refusal);
  }));

test('a guest takes no step, not even the first', () =>
  inDir(async (path) => {
    withDatabase(path, (db) => db.exec('pragma user_version = 0; vacuum'));
    await expect(openSqliteStore({ path, owner: false })).rejects.toMatchObject({
      code: 'STORE_VERSION',
      message: 'the SQLite store has schema version 0, this program needs 1',
    });
  }));

test("another program's database is refused and left as it is", () =>
  inDir(async (path) => {
    withDatabase(path, (db) => db.exec('create table theirs (a)'));
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(migrateSqlite(path)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect(tablesOf(path)).toEqual(['theirs']);
    expect(existsSync(`${path}-wal`)).toBe(false);
  }));

test('is refused on a network file system', () =>
  inDir(async (path) => {
    await expect(migrateSqlite(path, { fileSystemOf: () => 0x6969 })).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
  }));
