import type { AttributeDefinition, GlobalSecondaryIndex, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { DynamoCalls } from './dynamodb-client.ts';
import { DUE_INDEX, LIST_INDEX } from './dynamodb-items.ts';

const CALL_MS = 10_000;
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

/** Makes the table or the indexes it lacks, and waits until they can be used. True when it made the table. */
export async function prepareTable(calls: DynamoCalls, clock: Clock): Promise<boolean> {
  const before = await describe(calls);
  if (!before) await create(calls);
  else checkKeys(before);
  await ready(calls, clock);
  for (const index of INDEXES) {
    const names = (await describe(calls))?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
    if (names.includes(index.IndexName)) continue;
    await addIndex(calls, index);
    await ready(calls, clock);
  }
  return before === undefined;
}

/** Turns on the deletion of what nobody needs to remember; a sentence when that is not possible. */
export async function expireOldItems(calls: DynamoCalls): Promise<string | undefined> {
  const { sdk, table, call } = calls;
  try {
    const ask = new sdk.DescribeTimeToLiveCommand({ TableName: table });
    const now = await call((client, abortSignal) => client.send(ask, { abortSignal }), CALL_MS);
    const status = now.TimeToLiveDescription?.TimeToLiveStatus;
    if (status === 'ENABLED' || status === 'ENABLING') return undefined;
    const command = new sdk.UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    await call((client, abortSignal) => client.send(command, { abortSignal }), CALL_MS);
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
    const answer = await call((client, abortSignal) => client.send(command, { abortSignal }), CALL_MS);
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
    return (await call((client, abortSignal) => client.send(command, { abortSignal }), CALL_MS)).Table;
  } catch (error) {
    if (error instanceof Fault && error.cause instanceof sdk.ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create({ sdk, table, call }: DynamoCalls): Promise<void> {
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
  await settled(() => call((client, abortSignal) => client.send(command, { abortSignal }), CALL_MS));
}

async function addIndex({ sdk, table, call }: DynamoCalls, index: GlobalSecondaryIndex): Promise<void> {
  const { IndexName, KeySchema, Projection } = index;
  const command = new sdk.UpdateTableCommand({
    TableName: table,
    AttributeDefinitions: ATTRIBUTES.filter(({ AttributeName }) =>
      [...(KeySchema ?? []), { AttributeName: 'pk' }, { AttributeName: 'sk' }].some(
        (key) => key.AttributeName === AttributeName,
      ),
    ),
    GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema, Projection } }],
  });
  await settled(() => call((client, abortSignal) => client.send(command, { abortSignal }), CALL_MS));
}

// Another `listener migrate`, or an earlier try of this call, is at it: waiting for the table is all there is to do.
async function settled(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const inUse =
      error instanceof Fault && error.cause instanceof Error && error.cause.name === 'ResourceInUseException';
    if (!inUse) throw error;
  }
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

async function ready(calls: DynamoCalls, clock: Clock): Promise<void> {
  const until = clock.now() + READY_MS;
  for (;;) {
    const table = await describe(calls);
    const indexes = table?.GlobalSecondaryIndexes ?? [];
    if (table?.TableStatus === 'ACTIVE' && indexes.every(({ IndexStatus }) => IndexStatus === 'ACTIVE'))
      return;
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
