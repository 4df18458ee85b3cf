import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { describeStore } from './contract.ts';

describeStore('a store in SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'store-'));
  const opened: Store[] = [];
  return {
    async open() {
      const store = await openSqliteStore({ path: join(dir, 'listener.db'), owner: opened.length === 0 });
      opened.push(store);
      return store;
    },
    async end() {
      await Promise.all(opened.map((store) => store.close()));
      await rm(dir, { recursive: true });
    },
  };
});
