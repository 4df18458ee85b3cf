import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { openDynamoStore } from '../../src/store/dynamodb.ts';
import { migrateDynamo } from '../../src/store/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { ListFilter, Store, StoredRecord } from '../../src/store/store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { CREDENTIALS, PATIENT, startDynamo } from './dynamo-place.ts';
import type { DynamoPlace } from './dynamo-place.ts';
import { sampleAudit, sampleRecord } from './sample.ts';

type Operation = (store: Store) => Promise<unknown>;

const IDS = ['approval/a', 'approval/A', 'gate/b', 'audit#approval/a'];
const id = fc.constantFrom(...IDS);
// No two records are due at the same moment: which of them comes first is for each store to say.
const dueOf = (of: string, at: number) => at * IDS.length + IDS.indexOf(of);
const time = fc.integer({ min: 0, max: 20 });
const saves = fc
  .record({
    id,
    version: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom('approval', 'gate'),
    status: fc.constantFrom('open', 'approved'),
    dueAt: fc.option(time, { nil: undefined }),
    data: fc.dictionary(fc.string(), fc.jsonValue()),
  })
  .map((fields) => ({
    ...fields,
    data: Object.fromEntries(Object.entries(fields.data)),
    dueAt: fields.dueAt === undefined ? undefined : dueOf(fields.id, fields.dueAt),
  }))
  .map((fields) => (store: Store) => store.save(sampleRecord(fields.id, fields)));
// As writers do: read, then the next version.
const steps = fc
  .record({ id, dueAt: time, status: fc.constantFrom('open', 'approved') })
  .map((change) => ({ ...change, dueAt: dueOf(change.id, change.dueAt) }))
  .map((change) => async (store: Store) => {
    const record = (await store.read(change.id)) ?? sampleRecord(change.id, { version: 0 });
    return store.save({ ...record, ...change, version: record.version + 1 });
  });
const filter = fc.record({
  kind: fc.option(fc.constantFrom('approval', 'gate'), { nil: undefined }),
  status: fc.option(fc.constantFrom('open', 'approved'), { nil: undefined }),
});
const operation: fc.Arbitrary<Operation> = fc.oneof(
  saves,
  steps,
  steps,
  id.map((of) => (store: Store) => store.read(of)),
  fc.tuple(time, fc.integer({ min: 1, max: 4 })).map(
    ([now, most]) =>
      (store: Store) =>
        store.due(now * IDS.length, most),
  ),
  filter.map((by) => (store: Store) => listAll(store, by)),
  fc
    .record({ id, seq: fc.integer({ min: 1, max: 12 }), mac: fc.constantFrom('one', 'other') })
    .map((entry) => (store: Store) => store.putAudit([sampleAudit(entry.id, entry.seq, entry.mac)])),
  id.map((of) => (store: Store) => store.readAudit(of)),
  fc.tuple(id, time, time).map(
    ([key, until, now]) =>
      (store: Store) =>
        store.remember(key, until, now),
  ),
);

test('SQLite answers as a map does, whatever is asked in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), (operations) =>
      withTempDir(async (dir) => {
        const path = join(dir, 'listener.db');
        const store = await openSqliteStore({ path });
        try {
          await compare(store, operations);
        } finally {
          await store.close();
        }
      }),
    ),
    { numRuns: 60 },
  );
});

let place: DynamoPlace;
beforeAll(async () => {
  place = await startDynamo();
});
afterAll(() => place.end());

test('DynamoDB answers as a map does, whatever is asked in whatever order', async () => {
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
      const { endpoint } = place;
      const options = { table: `model-${++tables}`, region: 'eu-west-1', endpoint, credentials: CREDENTIALS };
      await migrateDynamo(options);
      const store = await openDynamoStore(options, PATIENT);
      try {
        await compare(store, operations);
      } finally {
        await store.close();
      }
    }),
    { numRuns: 20 },
  );
});

async function compare(store: Store, operations: readonly Operation[]): Promise<void> {
  const model = memoryStore();
  for (const run of operations) expect(await outcome(run, store)).toEqual(await outcome(run, model));
}

async function outcome(run: Operation, store: Store): Promise<unknown> {
  try {
    return { answer: await run(store) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.code };
    throw error;
  }
}

/** In the order of ids: stores may differ in theirs. */
async function listAll(store: Store, by: ListFilter): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  let next: string | undefined;
  do {
    const page = await store.list(by, next);
    found.push(...page.records);
    next = page.next;
  } while (next !== undefined);
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
