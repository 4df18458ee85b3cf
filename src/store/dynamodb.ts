import { randomUUID } from 'node:crypto';
import { Fault } from '../kit/fault.ts';
import { ConditionFailed, connectDynamo } from './dynamodb-client.ts';
import type { DynamoCalls, DynamoOptions, DynamoTimes } from './dynamodb-client.ts';
import {
  auditEntry,
  auditKey,
  metaKey,
  recordItem,
  recordKey,
  rememberedItem,
  rememberedKey,
} from './dynamodb-items.ts';
import type { Item } from './dynamodb-items.ts';
import { auditedIds, dueIds, listRecords, queryAll } from './dynamodb-queries.ts';
import { checkTableVersion } from './dynamodb-schema.ts';
import type { Audited } from './audited.ts';
import type { Epoch } from './epoch.ts';
import { checkId, otherAudit, readAuditItem, readRecord, writeAudit, writeRecord } from './record-text.ts';
import type { AuditItem, SavedOnce, Store, StoredRecord } from './store.ts';

/** The first call also finds the credentials, which may take a service of its own. */
const OPEN_MS = 10_000;
const AT_ONCE = 8;

/**
 * A store in one DynamoDB table, for several replicas: conditional writes of single items, consistent reads. Opening it
 * refuses a table that is not there or of another version. No call takes longer than 1.5 s, but those that read many items: 6 s a page.
 *
 * The SDK tries a call up to three times. When the answer of a try that was done gets lost, the next one finds its own
 * write and fails its condition: then the item is read, and a `writeId` of ours means `saved`. Where another writer has
 * gone on from there already nobody can tell any more whose write was lost: STORE_UNAVAILABLE, never `conflict`.
 */
export async function openDynamoStore(
  options: DynamoOptions,
  times?: DynamoTimes,
): Promise<Store & Epoch & Audited> {
  const calls = await connectDynamo(options, times);
  try {
    await checkTableVersion(calls, OPEN_MS);
  } catch (error) {
    calls.close();
    throw error;
  }
  return {
    read: (id) => read(calls, id),
    async save(record, once) {
      // Before the change, never after it: what is lost between the two is a click, which its person repeats.
      if (once && !(await remember(calls, once))) return 'repeated';
      return save(calls, record);
    },
    due: (now, limit) => dueIds(calls, now, limit),
    list: (filter, next) => listRecords(calls, filter, next),
    putAudit: (items) => putAudit(calls, items),
    readAudit: (record) => readAudit(calls, record),
    auditedIds: (next) => auditedIds(calls, next),
    remember: (key, until, now, owner = randomUUID()) => remember(calls, { key, until, now, owner }),
    readEpoch: async () => Number((await get(calls, metaKey('epoch')))?.['value']?.N ?? 1),
    bumpEpoch: (now) => bumpEpoch(calls, now),
    async close() {
      calls.close();
    },
  };
}

async function read(calls: DynamoCalls, id: string): Promise<StoredRecord | undefined> {
  checkId(id);
  const item = await get(calls, recordKey(id));
  return item && readRecord(id, item['body']?.S);
}

async function save(calls: DynamoCalls, record: StoredRecord): Promise<'saved' | 'conflict'> {
  const { item, writeId } = recordItem(record, writeRecord(record));
  const condition =
    record.version === 1
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :before',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':before': { N: String(record.version - 1) } },
        };
  const attempts = await put(calls, item, condition);
  if (attempts === undefined) return 'saved';
  if (attempts === 1) return 'conflict';
  const stored = await get(calls, recordKey(record.id));
  if (stored?.['writeId']?.S === writeId) return 'saved';
  // Ours may lie under what another writer saved since.
  if (Number(stored?.['version']?.N) > record.version)
    throw new Fault('STORE_UNAVAILABLE', `whether ${record.id} was saved is unknown: others saved it since`);
  return 'conflict';
}

async function putAudit(calls: DynamoCalls, items: readonly AuditItem[]): Promise<void> {
  const texts = writeAudit(items);
  for (let from = 0; from < texts.length; from += AT_ONCE)
    await Promise.all(texts.slice(from, from + AT_ONCE).map(([item, text]) => putEntry(calls, item, text)));
}

async function putEntry(calls: DynamoCalls, item: AuditItem, text: string): Promise<void> {
  const entry = auditEntry(item, text);
  const attempts = await put(calls, entry, { ConditionExpression: 'attribute_not_exists(pk)' });
  if (attempts === undefined) return;
  const stored = await get(calls, auditKey(item.record, item.seq));
  if (stored?.['mac']?.S !== item.mac) throw otherAudit(item);
}

async function readAudit(calls: DynamoCalls, record: string): Promise<readonly AuditItem[]> {
  const items = await queryAll(calls, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': auditKey(record)['pk'] ?? { S: '' } },
    ConsistentRead: true,
  });
  return items.map(({ sk, body }) => readAuditItem(record, Number(sk?.S), body?.S));
}

/** True as well for what the same owner has remembered before, in a try whose answer was lost or for a save that failed. */
async function remember(calls: DynamoCalls, { key, until, now, owner }: SavedOnce): Promise<boolean> {
  checkId(key);
  const attempts = await put(calls, rememberedItem(key, until, owner), {
    // DynamoDB deletes late, so the time decides.
    ConditionExpression: 'attribute_not_exists(pk) OR #until <= :now',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: { ':now': { N: String(now) } },
  });
  if (attempts === undefined) return true;
  return (await get(calls, rememberedKey(key)))?.['writeId']?.S === owner;
}

// The SDK tries again: an answer that was lost may bump it once more, which does no harm.
async function bumpEpoch({ sdk, table, call }: DynamoCalls, now: number): Promise<number> {
  const update = (UpdateExpression: string, values: Readonly<Record<string, number>>, isBehind: string) =>
    call((client, options) =>
      client.send(
        new sdk.UpdateItemCommand({
          TableName: table,
          Key: metaKey('epoch'),
          UpdateExpression,
          ConditionExpression: isBehind,
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, { N: String(value) }]),
          ),
          ReturnValues: 'UPDATED_NEW',
        }),
        options,
      ),
    );
  const isBehind = 'attribute_not_exists(#value) OR #value < :now';
  const answer = await update('SET #value = :now', { ':now': now }, isBehind).catch((error: unknown) => {
    if (!(error instanceof ConditionFailed)) throw error;
    return update('SET #value = #value + :one', { ':one': 1 }, 'attribute_exists(#value)');
  });
  return Number(answer.Attributes?.['value']?.N);
}

interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

/** Undefined when it was written; otherwise how many tries it took to find that the condition does not hold. */
async function put(calls: DynamoCalls, item: Item, condition: Condition): Promise<number | undefined> {
  const { sdk, table, call } = calls;
  try {
    await call((client, options) =>
      client.send(new sdk.PutItemCommand({ TableName: table, Item: item, ...condition }), options),
    );
    return undefined;
  } catch (error) {
    if (error instanceof ConditionFailed) return error.attempts;
    throw error;
  }
}

async function get({ sdk, table, call }: DynamoCalls, key: Item): Promise<Item | undefined> {
  const command = new sdk.GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  return (await call((client, options) => client.send(command, options))).Item;
}
