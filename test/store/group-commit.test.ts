import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { createGroupCommit } from '../../src/store/group-commit.ts';

/** Takes down what is executed, and throws what `fails` gives for it. */
function fakeDatabase(fails: (sql: string) => Error | undefined = () => undefined) {
  const log: string[] = [];
  const db = {
    isTransaction: false,
    exec(sql: string) {
      log.push(sql);
      const error = fails(sql);
      if (error) throw error;
      db.isTransaction = sql.startsWith('begin');
    },
  };
  return { db, log };
}

function sqliteError(errcode: number): Error {
  return Object.assign(new Error('from SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
}

test('commits the writes of one turn together, each with its own answer', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  const answers = await Promise.all(
    [1, 2, 3].map((number) =>
      commits.write(() => {
        log.push(`write ${number}`);
        return number * 10;
      }),
    ),
  );
  expect(answers).toEqual([10, 20, 30]);
  expect(log).toEqual(['begin immediate', 'write 1', 'write 2', 'write 3', 'commit']);
});

test('resolves no write before its commit', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  const seen: string[][] = [];
  await Promise.all([1, 2].map(() => commits.write(() => undefined).then(() => seen.push([...log]))));
  expect(seen).toEqual([
    ['begin immediate', 'commit'],
    ['begin immediate', 'commit'],
  ]);
});

test('looks every 5 ms for 250 ms whether a lock is gone, and then refuses', async () => {
  const { db, log } = fakeDatabase(() => sqliteError(5));
  const commits = createGroupCommit(db);
  await expect(commits.write(() => undefined)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  // On a busy machine fewer times.
  expect(log.length).toBeGreaterThan(1);
  expect(log.length).toBeLessThanOrEqual(60);
});

test('commits at most 256 writes at once and lets others run in between', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  let turns = 0;
  const turn = (): void => {
    turns++;
    if (log.filter((sql) => sql === 'commit').length < 3) setImmediate().then(turn, () => undefined);
  };
  turn();
  const atCommit: number[] = [];
  await Promise.all(
    Array.from({ length: 600 }, () =>
      commits.write(() => {
        if (atCommit.at(-1) !== turns) atCommit.push(turns);
      }),
    ),
  );
  expect(log.filter((sql) => sql === 'commit')).toHaveLength(3);
  expect(atCommit).toHaveLength(3);
});

test('a Fault of one write is its own; the others are committed', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  const refused = commits.write(() => {
    throw new Fault('STORE_CORRUPT', 'another entry is there');
  });
  const taken = commits.write(() => 'taken');
  await expect(refused).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(await taken).toBe('taken');
  expect(log).toEqual(['begin immediate', 'commit']);
});

test("a commit that fails is nobody's answer: all are STORE_UNAVAILABLE, rolled back, and the next goes well", async () => {
  const full = 13;
  let failures = 1;
  const { db, log } = fakeDatabase((sql) =>
    sql === 'commit' && failures-- > 0 ? sqliteError(full) : undefined,
  );
  const commits = createGroupCommit(db);
  const results = await Promise.allSettled([commits.write(() => 1), commits.write(() => 2)]);
  expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual([
    'STORE_UNAVAILABLE',
    'STORE_UNAVAILABLE',
  ]);
  expect(await commits.write(() => 3)).toBe(3);
  expect(log).toEqual(['begin immediate', 'commit', 'rollback', 'begin immediate', 'commit']);
});

test('a bug in one write rolls back all, and says which bug', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  const results = await Promise.allSettled([
    commits.write(() => 1),
    commits.write(() => {
      throw new TypeError('cannot bind');
    }),
  ]);
  expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
    'cannot bind',
    'cannot bind',
  ]);
  expect(log).toEqual(['begin immediate', 'rollback']);
});

test('waits for a lock that is freed in time', async () => {
  let busy = 3;
  const { db, log } = fakeDatabase(() => (busy-- > 0 ? sqliteError(5) : undefined));
  const commits = createGroupCommit(db);
  expect(await commits.write(() => 'done')).toBe('done');
  expect(log.filter((sql) => sql === 'begin immediate')).toHaveLength(4);
});

test('an extended code of a lock (SQLITE_BUSY_SNAPSHOT) is waited for as well', async () => {
  let busy = 1;
  const { db } = fakeDatabase(() => (busy-- > 0 ? sqliteError(5 | (2 << 8)) : undefined));
  expect(await createGroupCommit(db).write(() => 'done')).toBe('done');
});

test('is idle only when everything has ended', async () => {
  const { db, log } = fakeDatabase();
  const commits = createGroupCommit(db);
  await commits.idle();
  let told = false;
  void commits.write(() => undefined).then(() => (told = true));
  await commits.idle();
  await setImmediate();
  expect(log.at(-1)).toBe('commit');
  expect(told).toBe(true);
});
