import type { AttributeDefinition, GlobalSecondaryIndex, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { DynamoCalls } from './dynamodb-client.ts';
import { DUE_INDEX, LIST_INDEX } from './dynamodb-items.ts';

const READY_MS = 15 * 60_000;
const LOOK_MS = 1000;

const INDEXES: readonly GlobalSecondaryIndex[] = [
  {
    IndexName: DUE_INDEX,
    KeySchema: [
      { AttributeName: 'dueShard', KeyType: 'HASH' },
      { AttributeName: 'dueAt', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  },
  {
    IndexName: LIST_INDEX,
    KeySchema: [
      { AttributeName: 'listed', KeyType: 'HASH' },
      { AttributeName: 'pk', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kind'] },
  },
];

const ATTRIBUTES: AttributeDefinition[] = [
  { AttributeName: 'pk', AttributeType: 'S' },
  { AttributeName: 'sk', AttributeType: 'S' },
  { AttributeName: 'dueShard', AttributeType: 'S' },
  { AttributeName: 'dueAt', AttributeType: 'N' },
  { AttributeName: 'listed', AttributeType: 'S' },
];

/** Makes the table where there is none, with its indexes, and waits until it can be used. */
export async function ensureTable(calls: DynamoCalls, clock: Clock): Promise<void> {
  const before = await describe(calls);
  if (before) checkKeys(before);
  else await create(calls);
  await ready(calls, clock);
}

/** Adds the indexes that the table lacks: one at a time, as DynamoDB wants it. */
export async function ensureIndexes(calls: DynamoCalls, clock: Clock): Promise<void> {
  for (const index of INDEXES) {
    const table = await describe(calls);
    if (!table || indexNames(table).includes(index.IndexName)) continue;
    await addIndex(calls, index, table);
    await ready(calls, clock, index.IndexName);
  }
}

/** Turns on the deletion of what nobody needs to remember; a sentence when that is not possible. */
export async function expireOldItems(calls: DynamoCalls): Promise<string | undefined> {
  const { sdk, table, call } = calls;
  try {
    const ask = new sdk.DescribeTimeToLiveCommand({ TableName: table });
    const now = await call((client, options) => client.send(ask, options));
    const status = now.TimeToLiveDescription?.TimeToLiveStatus;
    if (status === 'ENABLED' || status === 'ENABLING') return undefined;
    const command = new sdk.UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    await call((client, options) => client.send(command, options));
    return undefined;
  } catch (error) {
    return `time to live is not on, so that remembered requests are kept for ever: ${messageOf(error)}`;
  }
}

/** A sentence when the table cannot be brought back to an earlier moment. */
export async function recoveryHint(calls: DynamoCalls): Promise<string | undefined> {
  const { sdk, table, call } = calls;
  const hint = `run: aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`;
  try {
    const command = new sdk.DescribeContinuousBackupsCommand({ TableName: table });
    const answer = await call((client, options) => client.send(command, options));
    const recovery = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    return recovery?.PointInTimeRecoveryStatus === 'ENABLED'
      ? undefined
      : `point-in-time recovery is off; ${hint}`;
  } catch (error) {
    return `whether point-in-time recovery is on could not be read (${messageOf(error)}); ${hint}`;
  }
}

async function describe({ sdk, table, call }: DynamoCalls): Promise<TableDescription | undefined> {
  const command = new sdk.DescribeTableCommand({ TableName: table });
  try {
    return (await call((client, options) => client.send(command, options))).Table;
  } catch (error) {
    if (error instanceof Fault && error.cause instanceof sdk.ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(calls: DynamoCalls): Promise<void> {
  const { sdk, table, call } = calls;
  const command = new sdk.CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ATTRIBUTES,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [...INDEXES],
  });
  await made(
    () => call((client, options) => client.send(command, options)),
    async () => (await describe(calls)) !== undefined,
  );
}

async function addIndex(
  calls: DynamoCalls,
  index: GlobalSecondaryIndex,
  { BillingModeSummary, ProvisionedThroughput }: TableDescription,
): Promise<void> {
  const { sdk, table, call } = calls;
  const { IndexName, KeySchema = [], Projection } = index;
  const keys = ['pk', 'sk', ...KeySchema.map(({ AttributeName }) => AttributeName)];
  const { ReadCapacityUnits, WriteCapacityUnits } = ProvisionedThroughput ?? {};
  // Somebody else's table may be provisioned; then an index is too.
  const throughput = BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST' && {
    ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
  };
  const command = new sdk.UpdateTableCommand({
    TableName: table,
    AttributeDefinitions: ATTRIBUTES.filter(({ AttributeName }) => keys.includes(AttributeName)),
    GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema, Projection, ...throughput } }],
  });
  await made(
    () => call((client, options) => client.send(command, options)),
    async () => indexNames(await describe(calls)).includes(IndexName),
  );
}

// Another `listener migrate`, or an earlier try of the same call, may have been at it: what is there is as good as made.
async function made(run: () => Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(await isThere())) throw error;
  }
}

function indexNames(table: TableDescription | undefined): readonly (string | undefined)[] {
  return table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
}

function checkKeys({ TableName = '', KeySchema = [] }: TableDescription): void {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  if (keys === 'pk HASH, sk RANGE') return;
  throw new Fault(
    'STORE_REFUSED',
    `the DynamoDB table ${TableName} is of another program: its key is ${keys}`,
    {
      hint: 'name a table that does not exist yet: listener migrate makes it',
    },
  );
}

// What DynamoDB tells of a table lags behind: an index that was asked for may not be named yet.
async function ready(calls: DynamoCalls, clock: Clock, wanted?: string): Promise<void> {
  const until = clock.now() + READY_MS;
  for (;;) {
    const table = await describe(calls);
    const indexes = table?.GlobalSecondaryIndexes ?? [];
    const active = [table?.TableStatus, ...indexes.map(({ IndexStatus }) => IndexStatus)];
    const named = wanted === undefined || indexNames(table).includes(wanted);
    if (named && active.every((status) => status === 'ACTIVE')) return;
    if (clock.now() >= until)
      throw new Fault(
        'STORE_UNAVAILABLE',
        `the DynamoDB table ${calls.table} is not ready after 15 minutes`,
        {
          hint: 'run listener migrate again: it goes on where it stopped',
        },
      );
    await clock.sleep(LOOK_MS);
  }
}
