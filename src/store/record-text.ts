import { Fault } from '../kit/fault.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { AuditItem, StoredEffect, StoredRecord } from './store.ts';

/** Bytes of `data` as JSON, in every store. */
export const MAX_DATA_BYTES = 64 * 1024;
/** Bytes of a whole record as JSON: DynamoDB takes items of 400 KiB, with the names and keys beside it. */
export const MAX_RECORD_BYTES = 390 * 1024;
/** DynamoDB takes partition keys of 2,048 bytes, with a prefix. */
const MAX_ID_BYTES = 1024;

/** A record as a store keeps it. Refuses with STORE_TOO_LARGE what not every store could keep. */
export function writeRecord(record: StoredRecord): string {
  if (!Number.isSafeInteger(record.version) || record.version < 1)
    throw new RangeError(`${record.id}: ${record.version} is no version`);
  if (record.dueAt !== undefined && !Number.isFinite(record.dueAt))
    throw new RangeError(`${record.id}: ${record.dueAt} is no time`);
  checkId(record.id);
  checkSize(record.id, 'data', JSON.stringify(record.data), MAX_DATA_BYTES);
  const text = JSON.stringify(record);
  checkSize(record.id, 'record', text, MAX_RECORD_BYTES);
  return text;
}

/** The record a store kept, or a Fault STORE_CORRUPT. Fields of newer programs are kept. */
export function readRecord(id: string, text: unknown): StoredRecord {
  const value = typeof text === 'string' ? tryParseJson(text) : undefined;
  if (isStoredRecord(value) && value.id === id) return value;
  throw corrupt(`what is stored as ${id} is no record`);
}

/** Audit entries as a store keeps them, one of each number: two with different MACs are as bad within a call as in two. */
export function writeAudit(items: readonly AuditItem[]): readonly (readonly [AuditItem, string])[] {
  const found = new Map<string, AuditItem>();
  for (const item of items) {
    checkId(item.record);
    const key = JSON.stringify([item.record, item.seq]);
    const other = found.get(key);
    if (other && other.mac !== item.mac) throw otherAudit(item);
    found.set(key, item);
  }
  return [...found.values()].map((item) => {
    const text = JSON.stringify(item);
    checkSize(item.record, `audit entry ${item.seq}`, text, MAX_RECORD_BYTES);
    return [item, text];
  });
}

/** The audit entry a store kept, or a Fault STORE_CORRUPT. */
export function readAuditItem(record: string, seq: number, text: unknown): AuditItem {
  const value = typeof text === 'string' ? tryParseJson(text) : undefined;
  if (isAuditItem(value) && value.record === record && value.seq === seq) return value;
  throw corrupt(`what is stored as audit entry ${seq} of ${record} is none`);
}

/** The Fault for an audit entry that is there with another `mac`. */
export function otherAudit({ record, seq }: AuditItem): Fault {
  return corrupt(`another audit entry ${seq} of ${record} is stored already`);
}

/** Refuses a key that not every store could keep. */
export function checkId(id: string): void {
  if (id === '' || Buffer.byteLength(id) > MAX_ID_BYTES)
    throw new Fault('STORE_TOO_LARGE', `an id has 1 to ${MAX_ID_BYTES} bytes, not ${Buffer.byteLength(id)}`);
}

function checkSize(id: string, what: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return;
  throw new Fault('STORE_TOO_LARGE', `${id}: its ${what} has ${bytes} bytes, at most ${most} are kept`, {
    hint: 'shorten the context, the reason or the message',
  });
}

function corrupt(what: string): Fault {
  return new Fault('STORE_CORRUPT', `the store is damaged: ${what}`, {
    hint: 'stop the listener, keep a copy of the store, and run listener verify-audit',
  });
}

function isStoredRecord(value: unknown): value is StoredRecord {
  return (
    isRecord(value) &&
    ['id', 'kind', 'status'].every((key) => typeof value[key] === 'string') &&
    ['schema', 'version', 'createdAt', 'updatedAt'].every((key) => typeof value[key] === 'number') &&
    ['dueAt', 'epoch'].every((key) => value[key] === undefined || typeof value[key] === 'number') &&
    isRecord(value['data']) &&
    Array.isArray(value['effects']) &&
    value['effects'].every(isEffect) &&
    isTail(value['audit'])
  );
}

function isEffect(value: unknown): value is StoredEffect {
  return (
    isRecord(value) &&
    typeof value['key'] === 'string' &&
    ['generation', 'attempts', 'nextAt'].every((key) => typeof value[key] === 'number') &&
    (value['lease'] === undefined || isLease(value['lease'])) &&
    (value['data'] === undefined || isRecord(value['data'])) &&
    (value['lastError'] === undefined || typeof value['lastError'] === 'string')
  );
}

function isLease(value: unknown): boolean {
  return isRecord(value) && typeof value['owner'] === 'string' && typeof value['until'] === 'number';
}

function isTail(value: unknown): value is StoredRecord['audit'] {
  return (
    isRecord(value) &&
    typeof value['seq'] === 'number' &&
    typeof value['head'] === 'string' &&
    Array.isArray(value['pending']) &&
    value['pending'].every(isAuditItem)
  );
}

function isAuditItem(value: unknown): value is AuditItem {
  return (
    isRecord(value) &&
    typeof value['record'] === 'string' &&
    typeof value['seq'] === 'number' &&
    typeof value['at'] === 'number' &&
    isRecord(value['entry']) &&
    typeof value['mac'] === 'string'
  );
}
