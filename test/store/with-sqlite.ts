import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { withTempDir } from '../support/temp-dir.ts';

type SqliteStore = Awaited<ReturnType<typeof openSqliteStore>>;

/** A store in a new folder, closed and removed afterwards. */
export function withSqlite<T>(use: (store: SqliteStore, path: string) => Promise<T>): Promise<T> {
  return withTempDir(async (dir) => {
    const path = join(dir, 'listener.db');
    const store = await openSqliteStore({ path });
    try {
      return await use(store, path);
    } finally {
      await store.close();
    }
  });
}
