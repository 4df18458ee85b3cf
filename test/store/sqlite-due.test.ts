import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { DUE_SQL } from '../../src/store/sqlite-statements.ts';
import { withTempDir } from '../support/temp-dir.ts';

/** A store with so many records, of which `due` are due at 1000 and as many have nothing to do. */
async function filled(path: string, count: number, due: number): Promise<void> {
  await (await openSqliteStore({ path })).close();
  const db = new DatabaseSync(path);
  const insert = db.prepare("insert into record values (?, 'approval', 'open', 1, ?, ?)");
  db.exec('begin');
  for (let index = 0; index < count; index++) {
    const dueAt = index < due ? 1000 - index : index < 2 * due ? null : 2000 + index;
    insert.run(`approval/${(index * 7919) % count}/${index}`, dueAt, 'x'.repeat(200));
  }
  db.exec('commit');
  db.close();
}

test('due is a search of the index of what is due, and of nothing else', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'listener.db');
    await filled(path, 1000, 10);
    const db = new DatabaseSync(path);
    const plan = db.prepare(`explain query plan ${DUE_SQL}`).all(1000, 100);
    db.close();
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH record USING COVERING INDEX record_due (due_at>? AND due_at<?)',
    ]);
  }));

test.runIf(existsSync('/proc/self/io'))('due reads no more of a store that is forty times as large', () =>
  withTempDir(async (dir) => {
    const [small, large] = [join(dir, 'small.db'), join(dir, 'large.db')];
    await filled(small, 1000, 100);
    await filled(large, 40_000, 100);
    const cost = (path: string) => {
      const db = new DatabaseSync(path);
      const statement = db.prepare(DUE_SQL);
      const before = bytesRead();
      expect(statement.all(1000, 100)).toHaveLength(100);
      const after = bytesRead();
      db.close();
      return after - before;
    };
    // Whatever else this process reads meanwhile is small against the 10 MB of the store.
    expect(cost(large)).toBeLessThan(cost(small) + 100_000);
  }),
);

function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}
