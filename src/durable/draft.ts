import type { AuditItem, StoredEffect, StoredRecord } from '../store/store.ts';
import { AUDIT_AFTER_MS, AUDIT_KEY } from './core.ts';
import type { Core } from './core.ts';
import type { Change, Machine, Snapshot } from './machine.ts';
import { dueAtOf, scheduled } from './schedule.ts';

/** A record on its way to its next version: what was read, and what has been decided since. */
export interface Draft<Data> {
  readonly before: StoredRecord | undefined;
  readonly id: string;
  readonly status: string;
  readonly data: Data;
  readonly effects: readonly StoredEffect[];
  readonly audit: StoredRecord['audit'];
  /** It was read from before the store was restored, and has been told so since. */
  readonly restored?: boolean | undefined;
}

/** The draft of a record as it was read. */
export function draftOf<Data>(
  record: StoredRecord,
  machine: Pick<Machine<Data, never, never>, 'parse'>,
): Draft<Data> {
  return {
    before: record,
    id: record.id,
    status: record.status,
    data: machine.parse(record.data, record.schema),
    effects: record.effects,
    audit: record.audit,
  };
}

/** The draft as a decision or an effect sees it. */
export function snapshotOf<Data>(draft: Draft<Data>, now: number): Snapshot<Data> {
  return {
    id: draft.id,
    version: draft.before?.version ?? 0,
    status: draft.status,
    data: draft.data,
    effects: draft.effects,
    createdAt: draft.before?.createdAt ?? now,
    updatedAt: draft.before?.updatedAt ?? now,
  };
}

/** The draft after a decision. Without a draft it is a new record. */
export function changed<Data>(
  draft: Draft<Data> | undefined,
  id: string,
  change: Change<Data>,
  now: number,
  core: Pick<Core, 'chain'>,
): Draft<Data> {
  const audit = draft?.audit ?? { seq: 0, head: '', pending: [] };
  // Where there is a history, it tells every change of status: verifying compares the two.
  const moved = audit.seq > 0 && draft?.status !== change.status;
  const entry = change.audit ?? (moved ? {} : undefined);
  return {
    before: draft?.before,
    restored: draft?.restored,
    id,
    status: change.status,
    data: change.data,
    effects: scheduled(draft?.effects ?? [], change.schedule ?? [], now),
    audit: entry === undefined ? audit : extended(audit, id, now, { ...entry, status: change.status }, core),
  };
}

function extended(
  audit: StoredRecord['audit'],
  id: string,
  now: number,
  entry: AuditItem['entry'],
  { chain }: Pick<Core, 'chain'>,
): StoredRecord['audit'] {
  const item = chain.next(id, audit.seq + 1, audit.head, now, entry);
  return { seq: item.seq, head: item.mac, pending: [...audit.pending, item] };
}

/** The record to save. Audit entries known to be stored leave it; the others have an effect that looks after them. */
export function recordOf<Data>(
  draft: Draft<Data>,
  machine: Pick<Machine<Data, never, never>, 'kind' | 'schema' | 'write'>,
  now: number,
  flushed: number,
  { chain, epoch }: Pick<Core, 'chain' | 'epoch'>,
): StoredRecord {
  const pending = draft.audit.pending.filter(({ seq }) => seq > flushed);
  const others = draft.effects.filter(({ key }) => key !== AUDIT_KEY);
  const keeper = draft.effects.find(({ key }) => key === AUDIT_KEY) ?? {
    key: AUDIT_KEY,
    generation: 1,
    attempts: 0,
    nextAt: now + AUDIT_AFTER_MS,
  };
  const effects = pending.length > 0 ? [...others, keeper] : others;
  const dueAt = dueAtOf(effects);
  const { id, status, audit } = draft;
  const { kind, schema } = machine;
  const data = machine.write(draft.data);
  const life = epoch > 1 ? { epoch } : {};
  const seal = chain.seal({ id, kind, schema, status, data, audit, ...life });
  return {
    id,
    kind,
    schema,
    version: (draft.before?.version ?? 0) + 1,
    status,
    data,
    effects,
    audit: { ...audit, seal, pending },
    ...(dueAt !== undefined && { dueAt }),
    createdAt: draft.before?.createdAt ?? now,
    updatedAt: now,
    ...life,
  };
}
