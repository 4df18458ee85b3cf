import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../kit/canonical-json.ts';
import type { AuditItem, JsonObject, StoredRecord } from '../store/store.ts';

/** Chains audit entries with a key that is not in the store. */
export interface AuditChain {
  /** The item that follows `head`. */
  next(record: string, seq: number, head: string, at: number, entry: JsonObject): AuditItem;
  /** The MAC over what a record says, whatever is still to be done for it. */
  seal(record: Sealed): string;
  /** What is wrong with the history of a record: nothing, or one sentence for each finding. */
  problems(record: StoredRecord, items: readonly AuditItem[]): readonly string[];
}

/** What a seal covers. */
export type Sealed = Pick<StoredRecord, 'id' | 'kind' | 'schema' | 'status' | 'data' | 'epoch'> & {
  readonly audit: Pick<StoredRecord['audit'], 'seq' | 'head'>;
};

/** A chain by HMAC-SHA256: each entry's MAC covers the one before, its number, its time and its content. */
export function createAuditChain(key: Buffer): AuditChain {
  const macOf = (record: string, seq: number, head: string, at: number, entry: JsonObject) =>
    createHmac('sha256', key)
      .update(JSON.stringify([record, seq, head, at]))
      .update(canonicalJson(entry))
      .digest('base64url');
  const sealOf = ({ id, kind, schema, status, data, epoch, audit: { seq, head } }: Sealed) =>
    createHmac('sha256', key)
      .update(
        JSON.stringify([
          'seal',
          id,
          kind,
          schema,
          status,
          seq,
          head,
          ...(epoch === undefined ? [] : [epoch]),
        ]),
      )
      .update(canonicalJson(data))
      .digest('base64url');
  return {
    seal: sealOf,
    next: (record, seq, head, at, entry) => ({
      record,
      seq,
      at,
      entry,
      mac: macOf(record, seq, head, at, entry),
    }),
    problems(record, items) {
      const found: string[] = [];
      const all = merged(items, record.audit.pending);
      let head = '';
      for (let seq = 1; seq <= record.audit.seq; seq++) {
        const item = all.get(seq);
        if (item === undefined) {
          found.push(`${record.id}: entry ${seq} of ${record.audit.seq} is missing`);
          head = all.get(seq + 1) === undefined ? '' : '?';
          continue;
        }
        const expected = macOf(record.id, seq, head, item.at, item.entry);
        if (head !== '?' && !same(expected, item.mac)) found.push(`${record.id}: entry ${seq} was changed`);
        head = item.mac;
      }
      for (const seq of all.keys())
        if (seq > record.audit.seq) found.push(`${record.id}: entry ${seq} is after the end of the record`);
      if (record.audit.seq > 0 && !same(head, record.audit.head))
        found.push(`${record.id}: its end does not match its last entry`);
      const last = all.get(record.audit.seq)?.entry['status'];
      if (typeof last === 'string' && last !== record.status)
        found.push(`${record.id}: says ${record.status}, its last entry says ${last}`);
      if (!same(sealOf(record), record.audit.seal ?? ''))
        found.push(`${record.id}: its data was changed by something else than the listener`);
      return found;
    },
  };
}

function merged(items: readonly AuditItem[], pending: readonly AuditItem[]): ReadonlyMap<number, AuditItem> {
  return new Map([...pending, ...items].map((item) => [item.seq, item]));
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
