import { createHash, randomUUID } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AuditItem, StoredRecord } from './store.ts';

export type Item = Record<string, AttributeValue>;

/** The index of what is due: sparse, `dueShard` and `dueAt`. */
export const DUE_INDEX = 'due';
/** The index of all records, in the order of their keys: written to when a record is made, never again. */
export const LIST_INDEX = 'list';
/** The one value of `listed`. */
export const LISTED = 'record';
/** Due records are spread over so many partitions of the index, by their ids: no partition takes all of a busy minute. */
export const DUE_SHARDS = 8;

/** A week after its end DynamoDB may delete what was remembered: a clock of ours that is behind must not bring it back. */
const TTL_AFTER_MS = 7 * 24 * 3600 * 1000;

export function recordKey(id: string): Item {
  return { pk: { S: `record#${id}` }, sk: { S: 'record' } };
}

/** The id in a record's partition key. */
export function idOf(item: Item): string {
  return (item['pk']?.S ?? '').slice('record#'.length);
}

/** The item of a record, with a random `writeId` that tells this write from every other. */
export function recordItem(record: StoredRecord, body: string): { item: Item; writeId: string } {
  const writeId = randomUUID();
  const item = {
    ...recordKey(record.id),
    kind: { S: record.kind },
    version: { N: String(record.version) },
    body: { S: body },
    listed: { S: LISTED },
    writeId: { S: writeId },
    ...(record.dueAt !== undefined && {
      dueShard: { S: shardOf(record.id) },
      dueAt: { N: String(record.dueAt) },
    }),
  };
  return { item, writeId };
}

export function auditKey(record: string, seq?: number): Item {
  return {
    pk: { S: `audit#${record}` },
    // Sorted as text.
    ...(seq !== undefined && { sk: { S: String(seq).padStart(12, '0') } }),
  };
}

export function auditEntry(item: AuditItem, body: string): Item {
  return { ...auditKey(item.record, item.seq), mac: { S: item.mac }, body: { S: body } };
}

export function rememberedKey(key: string): Item {
  return { pk: { S: `remember#${key}` }, sk: { S: 'remembered' } };
}

/** What is remembered, for whom and until when, and when DynamoDB may delete it (`ttl`, in seconds). */
export function rememberedItem(key: string, until: number, writeId: string): Item {
  const ttl = Math.ceil((until + TTL_AFTER_MS) / 1000);
  return {
    ...rememberedKey(key),
    until: { N: String(until) },
    ttl: { N: String(ttl) },
    writeId: { S: writeId },
  };
}

export function metaKey(name: 'epoch' | 'schema'): Item {
  return { pk: { S: 'meta' }, sk: { S: name } };
}

/** `0` to `7`, for the partitions of the index of what is due. */
export function shardOf(id: string): string {
  return String((createHash('sha256').update(id).digest()[0] ?? 0) % DUE_SHARDS);
}
