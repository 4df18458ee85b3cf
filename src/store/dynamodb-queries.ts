import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { Fault } from '../kit/fault.ts';
import type { DynamoCalls } from './dynamodb-client.ts';
import { auditKey, DUE_INDEX, DUE_SHARDS, idOf, LISTED, LIST_INDEX, recordKey } from './dynamodb-items.ts';
import type { Item } from './dynamodb-items.ts';
import { readRecord } from './record-text.ts';
import type { ListFilter, Page, StoredRecord } from './store.ts';

type Query = Omit<QueryCommandInput, 'TableName'>;

const PAGE = 100;
// A page is up to 1 MB, a batch up to 16 MB.
const PAGE_MS = 6000;

/** The longest due ids of all shards. The index follows a save within a moment: an id may no longer be due. */
export async function dueIds(calls: DynamoCalls, now: number, limit: number): Promise<readonly string[]> {
  const shards = await Promise.all(
    Array.from({ length: DUE_SHARDS }, (_, shard) =>
      queryAll(
        calls,
        {
          IndexName: DUE_INDEX,
          KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
          ExpressionAttributeValues: { ':shard': { S: String(shard) }, ':now': { N: String(now) } },
          Limit: limit,
        },
        limit,
      ),
    ),
  );
  return shards
    .flat()
    .map((item) => ({ id: idOf(item), dueAt: Number(item['dueAt']?.N) }))
    .toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map(({ id }) => id);
}

/** A page of the list index, each record read consistently; a page may be empty and still name a next one. */
export async function listRecords(
  calls: DynamoCalls,
  { kind, status }: ListFilter,
  next: string | undefined,
): Promise<Page> {
  const { sdk, table, call } = calls;
  const command = new sdk.QueryCommand({
    TableName: table,
    IndexName: LIST_INDEX,
    KeyConditionExpression: 'listed = :listed',
    ExpressionAttributeValues: {
      ':listed': { S: LISTED },
      ...(kind !== undefined && { ':kind': { S: kind } }),
    },
    ...(kind !== undefined && { FilterExpression: 'kind = :kind' }),
    ...(next !== undefined && { ExclusiveStartKey: { ...recordKey(next), listed: { S: LISTED } } }),
    Limit: PAGE,
  });
  const answer = await call((client, options) => client.send(command, options), PAGE_MS);
  const records = await readMany(calls, (answer.Items ?? []).map(idOf));
  const last = answer.LastEvaluatedKey && idOf(answer.LastEvaluatedKey);
  return {
    records: records.filter((record) => status === undefined || record.status === status),
    ...(last !== undefined && { next: last }),
  };
}

/** A page of a scan of the whole table: only verifying asks for it. */
export async function auditedIds(
  { sdk, table, call }: DynamoCalls,
  next: string | undefined,
): Promise<{ readonly ids: readonly string[]; readonly next?: string }> {
  const [pk = '', sk = ''] = next?.split('\n') ?? [];
  const command = new sdk.ScanCommand({
    TableName: table,
    FilterExpression: 'begins_with(pk, :audit)',
    ExpressionAttributeValues: { ':audit': auditKey('')['pk'] ?? { S: '' } },
    ProjectionExpression: 'pk, sk',
    ConsistentRead: true,
    ...(next !== undefined && { ExclusiveStartKey: { pk: { S: pk }, sk: { S: sk } } }),
  });
  const answer = await call((client, options) => client.send(command, options), PAGE_MS);
  const ids = (answer.Items ?? []).map((item) => (item['pk']?.S ?? '').slice('audit#'.length));
  const last = answer.LastEvaluatedKey;
  return { ids: [...new Set(ids)], ...(last && { next: `${last['pk']?.S}\n${last['sk']?.S}` }) };
}

/** Every item of a query, or the first `most`, page by page. */
export async function queryAll(
  { sdk, table, call }: DynamoCalls,
  query: Query,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const command = new sdk.QueryCommand({
      TableName: table,
      ...query,
      ...(from && { ExclusiveStartKey: from }),
    });
    const answer = await call((client, options) => client.send(command, options), PAGE_MS);
    found.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from && found.length < most);
  return found;
}

// A batch is cut at 16 MB and under throttling; the rest is asked for again as long as each answer brings something.
async function readMany(calls: DynamoCalls, ids: readonly string[]): Promise<readonly StoredRecord[]> {
  const { sdk, table, call } = calls;
  const found = new Map<string, StoredRecord>();
  let keys = ids.map(recordKey);
  while (keys.length > 0) {
    const command = new sdk.BatchGetItemCommand({
      RequestItems: { [table]: { Keys: keys, ConsistentRead: true } },
    });
    const answer = await call((client, options) => client.send(command, options), PAGE_MS);
    const items = answer.Responses?.[table] ?? [];
    for (const item of items) found.set(idOf(item), readRecord(idOf(item), item['body']?.S));
    keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (keys.length > 0 && items.length === 0)
      throw new Fault('STORE_UNAVAILABLE', `DynamoDB throttles reads of the table ${table}`);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}
