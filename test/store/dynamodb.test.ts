import { once } from 'node:events';
import { createServer } from 'node:net';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDynamoStore } from '../../src/store/dynamodb.ts';
import { shardOf } from '../../src/store/dynamodb-items.ts';
import { migrateDynamo } from '../../src/store/migrate.ts';
import { CREDENTIALS, PATIENT, startDynamo } from './dynamo-place.ts';
import type { DynamoPlace } from './dynamo-place.ts';
import { sampleAudit, sampleRecord } from './sample.ts';

type DynamoStore = Awaited<ReturnType<typeof openDynamoStore>>;

let place: DynamoPlace;
let tables = 0;
let table: string;
let store: DynamoStore;
let direct: DynamoDBClient;

const options = () => ({ table, region: 'eu-central-1', endpoint: place.endpoint, credentials: CREDENTIALS });
beforeAll(async () => {
  place = await startDynamo();
  direct = new DynamoDBClient({
    region: 'eu-central-1',
    endpoint: place.endpoint,
    credentials: CREDENTIALS,
  });
});
afterAll(async () => {
  direct.destroy();
  await place.end();
});
beforeEach(async () => {
  table = `listener-${++tables}`;
  await migrateDynamo(options());
  store = await openDynamoStore(options(), PATIENT);
});
afterEach(async () => {
  place.heal();
  await store.close();
});

/** How many calls of an operation `run` makes. */
async function callsOf(operation: string, run: () => Promise<unknown>): Promise<number> {
  const before = place.calls[operation] ?? 0;
  await run();
  return (place.calls[operation] ?? 0) - before;
}

describe('an answer that got lost', () => {
  test('of a save that was done is no conflict with itself', async () => {
    place.next('PutItem', 'lost');
    expect(await store.save(sampleRecord('approval/1'))).toBe('saved');
    place.next('PutItem', 'lost', 'lost');
    expect(await store.save(sampleRecord('approval/1', { version: 2, status: 'approved' }))).toBe('saved');
    expect((await store.read('approval/1'))?.version).toBe(2);
  });

  test('of a save that another writer overtook in the same version is a conflict', async () => {
    await store.save(sampleRecord('approval/1'));
    const other = await openDynamoStore(options(), PATIENT);
    place.next('PutItem', 'broken', async () => {
      await other.save(sampleRecord('approval/1', { version: 2, status: 'denied' }));
    });
    expect(await store.save(sampleRecord('approval/1', { version: 2, status: 'approved' }))).toBe('conflict');
    expect((await store.read('approval/1'))?.status).toBe('denied');
    await other.close();
  });

  test('of a save that others have saved upon since is unknown, not a conflict', async () => {
    const other = await openDynamoStore(options(), PATIENT);
    place.next('PutItem', 'lost', async () => {
      await other.save(sampleRecord('approval/1', { version: 2 }));
    });
    await expect(store.save(sampleRecord('approval/1'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await other.close();
  });

  test('of a request that is remembered now does not make it a replay', async () => {
    place.next('PutItem', 'lost');
    expect(await store.remember('event/1', 100, 1)).toBe(true);
    place.next('PutItem', 'lost');
    expect(await store.remember('event/1', 100, 1)).toBe(false);
  });

  test('of an audit entry is no forgery', async () => {
    place.next('PutItem', 'lost');
    await store.putAudit([sampleAudit('approval/1', 1)]);
    expect(await store.readAudit('approval/1')).toHaveLength(1);
  });
});

/** A store with the times of the product. */
async function withHasty(use: (hasty: DynamoStore) => Promise<unknown>): Promise<void> {
  const hasty = await openDynamoStore(options());
  try {
    // The first call takes much longer than the others.
    await expect.poll(() => hasty.read('approval/0').catch(() => 'not yet')).toBeUndefined();
    await use(hasty);
  } finally {
    await hasty.close();
  }
}

describe('a service in trouble', () => {
  test.each(['broken', 'lost'] as const)('is STORE_UNAVAILABLE after three %s answers', async (fault) => {
    place.next('GetItem', fault, fault, fault);
    const calls = await callsOf('GetItem', () =>
      expect(store.read('approval/1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' }),
    );
    expect(calls).toBe(3);
  });

  test('is STORE_UNAVAILABLE while it throttles, after three tries or when the time of a call is over', async () => {
    await withHasty(async (hasty) => {
      place.next('GetItem', ...Array.from({ length: 9 }, () => 'throttled' as const));
      const calls = await callsOf('GetItem', () =>
        expect(hasty.read('approval/1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' }),
      );
      expect(calls).toBeLessThanOrEqual(3);
    });
  });

  test('costs a call nothing but a moment when the next try goes well', async () => {
    place.next('GetItem', 'throttled');
    expect(await store.read('approval/1')).toBeUndefined();
    place.next('GetItem', 'broken');
    expect(await store.read('approval/1')).toBeUndefined();
    // Each try has a third of the time: the second one begins in it.
    const brief = await openDynamoStore(options(), { ...PATIENT, callMs: 12_000 });
    place.next('GetItem', 'hang');
    expect(await callsOf('GetItem', async () => expect(await brief.read('approval/1')).toBeUndefined())).toBe(
      2,
    );
    await brief.close();
  });

  test('that hangs is STORE_UNAVAILABLE within the time of a call: 1.5 s of the 3 s that Slack waits (S15)', () =>
    withHasty(async (hasty) => {
      place.next('GetItem', 'hang', 'hang', 'hang');
      await expect(hasty.read('approval/1')).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringMatching(/did not answer within 1500 ms|exceeded the configured 500 ms/),
      });
    }));

  test('that takes no connection is STORE_UNAVAILABLE', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    server.close();
    await once(server, 'close');
    const endpoint = `http://127.0.0.1:${address.port}`;
    await expect(openDynamoStore({ ...options(), endpoint })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('is not asked at all for what is too large', async () => {
    const calls = await callsOf('PutItem', () =>
      expect(
        store.save(sampleRecord('approval/1', { data: { text: 'x'.repeat(70_000) } })),
      ).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' }),
    );
    expect(calls).toBe(0);
  });
});

describe('what calls cost', () => {
  test('a save is one write, a lost race is one write, a read is one read', async () => {
    const record = sampleRecord('approval/1', { dueAt: 5 });
    expect(await callsOf('PutItem', () => store.save(record))).toBe(1);
    const conflict = () => expect(store.save(record)).resolves.toBe('conflict');
    expect(await callsOf('PutItem', conflict)).toBe(1);
    expect(await callsOf('GetItem', conflict)).toBe(0);
    expect(await callsOf('GetItem', () => store.read('approval/1'))).toBe(1);
  });

  test('due asks each of the 8 shards once, however many records are not due', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `approval/${index}`);
    for (let from = 0; from < ids.length; from += 25)
      await Promise.all(
        ids
          .slice(from, from + 25)
          .map((id, index) => store.save(sampleRecord(id, { dueAt: from + index < 20 ? 1 : 9 }))),
      );
    expect(new Set(ids.map(shardOf)).size).toBe(8);
    const scanned = place.scanned();
    const calls = await callsOf('Query', async () => expect(await store.due(5, 100)).toHaveLength(20));
    expect(calls).toBe(8);
    expect(place.scanned() - scanned).toBe(20);
  });

  test('due goes on to the next page of a shard that has more', async () => {
    const inOneShard = Array.from({ length: 400 }, (_, index) => `approval/${index}`)
      .filter((id) => shardOf(id) === '3')
      .slice(0, 30);
    await Promise.all(inOneShard.map((id, index) => store.save(sampleRecord(id, { dueAt: index }))));
    expect(await store.due(100, 25)).toEqual(inOneShard.slice(0, 25));
  });
});

test('writes of one record that are not conditional, or of several records at once, do not exist', async () => {
  await store.save(sampleRecord('approval/1'));
  await store.save(sampleRecord('approval/1', { version: 2 }));
  await store.putAudit([sampleAudit('approval/1', 1)]);
  await store.remember('event/1', 100, 1);
  expect(Object.keys(place.calls).filter((name) => /Transact|BatchWrite|Delete/.test(name))).toEqual([]);
  expect(place.unconditional()).toEqual(['meta']);
});

test('what is remembered may be deleted by DynamoDB a week after its end, in seconds', async () => {
  const until = Date.UTC(2030, 0, 1);
  await store.remember('event/1', until, 1);
  const key = { pk: { S: 'remember#event/1' }, sk: { S: 'remembered' } };
  const { Item } = await direct.send(new GetItemCommand({ TableName: table, Key: key }));
  expect(Item?.['ttl']).toEqual({ N: String(Date.UTC(2030, 0, 8) / 1000) });
});

test('counts its epochs, for every handle', async () => {
  expect(await store.readEpoch()).toBe(1);
  expect(await store.bumpEpoch(1000)).toBe(1000);
  expect(await store.bumpEpoch(999)).toBe(1001);
  const other = await openDynamoStore(options(), PATIENT);
  expect(await other.readEpoch()).toBe(1001);
  await other.close();
});

test('a record that nobody of ours wrote is STORE_CORRUPT', async () => {
  const Item = {
    pk: { S: 'record#approval/1' },
    sk: { S: 'record' },
    version: { N: '1' },
    body: { S: '{}' },
  };
  await direct.send(new PutItemCommand({ TableName: table, Item }));
  await expect(store.read('approval/1')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
