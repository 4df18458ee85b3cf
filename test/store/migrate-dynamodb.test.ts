import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDynamoStore } from '../../src/store/dynamodb.ts';
import { migrateDynamo } from '../../src/store/migrate.ts';
import { instantClock } from '../support/instant-clock.ts';
import { CREDENTIALS, PATIENT, startDynamo } from './dynamo-place.ts';
import type { DynamoPlace } from './dynamo-place.ts';
import { sampleRecord } from './sample.ts';

let place: DynamoPlace;
let direct: DynamoDBClient;
const options = (table: string) => ({
  table,
  region: 'eu-central-1',
  endpoint: place.endpoint,
  credentials: CREDENTIALS,
});
beforeAll(async () => {
  place = await startDynamo({ createTableMs: 40, updateTableMs: 40 });
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

async function made(name: string, more: Partial<CreateTableCommandInput> = {}): Promise<void> {
  const KeySchema = [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ];
  await direct.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema,
      AttributeDefinitions: KeySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
      ...more,
    }),
  );
}

test('makes the table on demand, with a sparse index of what is due, and waits until it can be used', async () => {
  const clock = instantClock();
  const report = await migrateDynamo(options('new'), clock);
  expect(report).toMatchObject({ from: 0, to: 1 });
  const { Table } = await direct.send(new DescribeTableCommand({ TableName: 'new' }));
  expect(Table?.TableStatus).toBe('ACTIVE');
  expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
  const due = Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'due');
  expect(due?.KeySchema).toEqual([
    { AttributeName: 'dueShard', KeyType: 'HASH' },
    { AttributeName: 'dueAt', KeyType: 'RANGE' },
  ]);
  expect(due?.Projection).toEqual({ ProjectionType: 'KEYS_ONLY' });
});

test('again changes nothing, and keeps what is stored', async () => {
  await migrateDynamo(options('again'), instantClock());
  const store = await openDynamoStore(options('again'), PATIENT);
  await store.save(sampleRecord('approval/1'));
  const before = { ...place.calls };
  expect(await migrateDynamo(options('again'), instantClock())).toMatchObject({ from: 1, to: 1 });
  for (const operation of ['CreateTable', 'UpdateTable', 'PutItem'])
    expect([operation, place.calls[operation]]).toEqual([operation, before[operation]]);
  expect((await store.read('approval/1'))?.version).toBe(1);
  await store.close();
});

test.each([
  ['on demand', { BillingMode: 'PAY_PER_REQUEST' as const }, undefined],
  [
    'provisioned',
    {
      BillingMode: 'PROVISIONED' as const,
      ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 5 },
    },
    { ReadCapacityUnits: 7, WriteCapacityUnits: 5 },
  ],
])('adds the indexes that a table lacks, and waits for them: %s', async (name, billing, throughput) => {
  const table = `bare-${name.replace(' ', '-')}`;
  await made(table, billing);
  const asked: unknown[] = [];
  // dynalite does not know how to add an index: the table is made anew with what was asked for.
  place.next('UpdateTable', async (body) => {
    asked.push(body['GlobalSecondaryIndexUpdates'], body['AttributeDefinitions']);
    await direct.send(new DeleteTableCommand({ TableName: table }));
    await expect
      .poll(() => direct.send(new ListTablesCommand()))
      .toMatchObject({
        TableNames: expect.not.arrayContaining([table]),
      });
    await migrateDynamo(options(table), instantClock());
    throw new Error('the answer is lost as well');
  });
  await migrateDynamo(options(table), instantClock());
  expect(asked).toEqual([
    [
      {
        Create: {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
          ...(throughput && { ProvisionedThroughput: throughput }),
        },
      },
    ],
    ['pk', 'sk', 'dueShard', 'dueAt'].map((key) => ({
      AttributeName: key,
      AttributeType: key === 'dueAt' ? 'N' : 'S',
    })),
  ]);
});

test("refuses another program's table and leaves it as it is", async () => {
  await made('theirs', {
    KeySchema: [{ AttributeName: 'request_id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'request_id', AttributeType: 'S' }],
  });
  await expect(migrateDynamo(options('theirs'), instantClock())).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    message: 'the DynamoDB table theirs is of another program: its key is request_id HASH',
  });
  await expect(openDynamoStore(options('theirs'))).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  const { Table } = await direct.send(new DescribeTableCommand({ TableName: 'theirs' }));
  expect(Table?.GlobalSecondaryIndexes).toBeUndefined();
});

test('names what this account does not let it see or turn on, and is done all the same', async () => {
  const { notes } = await migrateDynamo(options('notes'), instantClock());
  expect(notes).toEqual([
    expect.stringMatching(/^time to live is not on, so that remembered requests are kept for ever: /),
    expect.stringMatching(
      /^whether point-in-time recovery is on could not be read .*update-continuous-backups --table-name notes/,
    ),
  ]);
});

test('a table that is not there, not migrated, or newer is refused with what to do', async () => {
  await expect(openDynamoStore(options('none'))).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    hint: 'check the name and the region, or make it with: listener migrate',
  });
  await made('unmigrated');
  await expect
    .poll(
      async () =>
        (await direct.send(new DescribeTableCommand({ TableName: 'unmigrated' }))).Table?.TableStatus,
    )
    .toBe('ACTIVE');
  await expect(openDynamoStore(options('unmigrated'))).rejects.toMatchObject({
    code: 'STORE_VERSION',
    message: 'the DynamoDB table unmigrated has schema version 0, this program needs 1',
  });
  const Item = { pk: { S: 'meta' }, sk: { S: 'schema' }, value: { N: '4' } };
  await direct.send(new PutItemCommand({ TableName: 'unmigrated', Item }));
  const newer = {
    code: 'STORE_VERSION',
    message: 'the DynamoDB table unmigrated has schema version 4, this program knows 1',
  };
  await expect(openDynamoStore(options('unmigrated'))).rejects.toMatchObject(newer);
  await expect(migrateDynamo(options('unmigrated'), instantClock())).rejects.toMatchObject(newer);
});
