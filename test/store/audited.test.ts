import { expect, test } from 'vitest';
import type { Audited } from '../../src/store/audited.ts';
import { openDynamoStore } from '../../src/store/dynamodb.ts';
import { migrateDynamo } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { CREDENTIALS, PATIENT, startDynamo } from './dynamo-place.ts';
import { sampleAudit, sampleRecord } from './sample.ts';
import { withSqlite } from './with-sqlite.ts';

const COUNT = 230;

/** Histories of 230 records, most of which are not there any more. */
async function fill(store: Store): Promise<readonly string[]> {
  const ids = Array.from({ length: COUNT }, (_, at) => `approval/${String(at).padStart(4, '0')}`);
  for (const id of ids) await store.putAudit([sampleAudit(id, 1), sampleAudit(id, 2)]);
  await store.save(sampleRecord('approval/0001'));
  await store.save(sampleRecord('gate/without-a-history'));
  await store.remember('audit#approval/9999', 2, 1);
  return ids;
}

async function auditedIn(store: Audited): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await store.auditedIds(next);
    for (const id of page.ids) found.add(id);
    next = page.next;
  }
  return [...found].toSorted();
}

test('SQLite tells every id with a history, page by page, whether its record is there or not', () =>
  withSqlite(async (store) => {
    expect(await auditedIn(store)).toEqual([]);
    const ids = await fill(store);
    expect(await auditedIn(store)).toEqual(ids);
    expect((await store.auditedIds()).ids.length).toBeLessThan(COUNT);
  }));

test('DynamoDB tells every id with a history, page by page, whether its record is there or not', async () => {
  const place = await startDynamo();
  const options = {
    table: 'listener',
    region: 'eu-central-1',
    endpoint: place.endpoint,
    credentials: CREDENTIALS,
  };
  await migrateDynamo(options);
  const store = await openDynamoStore(options, PATIENT);
  try {
    const ids = await fill(store);
    // Beyond the megabyte that one answer may hold.
    const long = 'x'.repeat(60_000);
    for (let at = 0; at < 20; at++)
      await store.putAudit([{ ...sampleAudit(`long/${at}`, 1), entry: { long } }]);
    const found = await auditedIn(store);
    expect(found.filter((id) => !id.startsWith('long/'))).toEqual(ids);
    expect(found.length).toBe(COUNT + 20);
    expect(place.calls['Scan']).toBeGreaterThan(1);
  } finally {
    await store.close();
    await place.end();
  }
});
