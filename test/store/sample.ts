import type { AuditItem, StoredEffect, StoredRecord } from '../../src/store/store.ts';

/** A record as an approval would be, in its first version. */
export function sampleRecord(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  return {
    id,
    kind: 'approval',
    schema: 1,
    version: 1,
    status: 'open',
    data: { title: 'Release 1.2 → production', votes: [], nested: { '': null, n: 1.5, on: true } },
    effects: [],
    audit: { seq: 0, head: '', pending: [] },
    createdAt: 1000,
    updatedAt: 1000,
    ...changes,
  };
}

export function sampleEffect(key: string, nextAt: number): StoredEffect {
  return { key, generation: 1, attempts: 0, nextAt, data: { channel: 'C1' } };
}

export function sampleAudit(record: string, seq: number, mac = `mac-${seq}`): AuditItem {
  return { record, seq, at: 1000 + seq, entry: { event: 'vote', by: 'U1' }, mac };
}
