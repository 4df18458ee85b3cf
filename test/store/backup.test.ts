import { existsSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backupSqlite } from '../../src/store/backup.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sampleRecord } from './sample.ts';
import { withSqlite } from './with-sqlite.ts';

test('copies a store beside its running owner, for its owner alone', () =>
  withSqlite(async (store, path) => {
    await store.save(sampleRecord('approval/1'));
    await backupSqlite(path, `${path}.backup`);
    await store.save(sampleRecord('approval/1', { version: 2 }));
    expect(statSync(`${path}.backup`).mode & 0o777).toBe(0o600);
    const copy = await openSqliteStore({ path: `${path}.backup` });
    expect((await copy.read('approval/1'))?.version).toBe(1);
    await copy.close();
  }));

test('overwrites nothing, and makes no store where there is none', () =>
  withSqlite(async (_store, path) => {
    writeFileSync(`${path}.there`, 'mine');
    await expect(backupSqlite(path, `${path}.there`)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(backupSqlite(`${path}.none`, `${path}.backup`)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
    });
    expect(existsSync(`${path}.none`)).toBe(false);
    expect(statSync(`${path}.there`).size).toBe(4);
  }));
