import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { Fault } from '../kit/fault.ts';
import { checkId, otherAudit, readAuditItem, readRecord, writeAudit, writeRecord } from './record-text.ts';
import type { AuditItem, ListFilter, Page, SavedOnce, StoredRecord } from './store.ts';

const PAGE = 100;
// More than the one each call adds, so that the table shrinks when calls stop coming in bursts.
const PURGED_AT_ONCE = 8;
// A clock that is set back must not make a replay look new.
const PURGED_AFTER_MS = 3600_000;

/** What `due` runs, for the test that looks at its plan. */
export const DUE_SQL =
  'select id from record where due_at is not null and due_at <= ? order by due_at, id limit ?';

/** Begins the next epoch, at a time and after the one before. */
export const BUMP_SQL = "update meta set value = max(value + 1, ?) where name = 'epoch' returning value";

export interface SqliteStatements {
  read(id: string): StoredRecord | undefined;
  /** Checks and writes out the record now, saves it when the answer is called. */
  prepareSave(record: StoredRecord, once?: SavedOnce): () => 'saved' | 'conflict' | 'repeated';
  due(now: number, limit: number): readonly string[];
  list(filter: ListFilter, next: string | undefined): Page;
  preparePutAudit(items: readonly AuditItem[]): () => void;
  readAudit(record: string): readonly AuditItem[];
  auditedIds(next: string | undefined): { readonly ids: readonly string[]; readonly next?: string };
  remember(key: string, until: number, now: number): boolean;
  readEpoch(): number;
  bumpEpoch(now: number): number;
}

/** Every statement of the store, prepared once. None begins or ends a transaction. */
export function prepareStatements(db: DatabaseSync): SqliteStatements {
  const one = db.prepare('select body from record where id = ?');
  const insert = db.prepare(
    'insert into record (kind, status, version, due_at, body, id) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
  );
  const update = db.prepare(
    'update record set kind = ?, status = ?, version = ?, due_at = ?, body = ? where id = ? and version = ?',
  );
  const due = db.prepare(DUE_SQL);
  const audit = db.prepare('select seq, body from audit where record = ? order by seq');
  const audited = db.prepare('select distinct record from audit where record > ? order by record limit ?');
  const macs = db.prepare('select mac from audit where record = ? and seq = ?');
  const putAudit = db.prepare('insert into audit (record, seq, mac, body) values (?, ?, ?, ?)');
  const purge = db.prepare(
    'delete from remembered where key in (select key from remembered where until <= ? order by until limit ?)',
  );
  const remember = db.prepare(
    'insert into remembered (key, until) values (?, ?)' +
      ' on conflict (key) do update set until = excluded.until where until <= ?',
  );
  const recall = db.prepare('select 1 from remembered where key = ? and until > ?');
  const epoch = db.prepare("select value from meta where name = 'epoch'");
  const bump = db.prepare(BUMP_SQL);
  const lists = new Map<string, StatementSync>();

  function list({ kind, status }: ListFilter, next = ''): Page {
    const sql =
      'select id, body from record where id > ?' +
      (kind === undefined ? '' : ' and kind = ?') +
      (status === undefined ? '' : ' and status = ?') +
      ' order by id limit ?';
    const statement = lists.get(sql) ?? db.prepare(sql);
    lists.set(sql, statement);
    const given = [next, kind, status].filter((value) => value !== undefined);
    const rows = statement.all(...given, PAGE + 1);
    const records = rows.slice(0, PAGE).map(({ id, body }) => readRecord(textOf(id), body));
    const last = records.at(-1);
    return { records, ...(rows.length > PAGE && last && { next: last.id }) };
  }

  function putAll(texts: readonly (readonly [AuditItem, string])[]): void {
    const fresh = texts.filter(([item]) => isNew(item));
    for (const [{ record, seq, mac }, text] of fresh) putAudit.run(record, seq, mac, text);
  }

  function isNew(item: AuditItem): boolean {
    const stored = macs.get(item.record, item.seq);
    if (stored && stored['mac'] !== item.mac) throw otherAudit(item);
    return !stored;
  }

  function keep(key: string, until: number, now: number): boolean {
    purge.run(now - PURGED_AFTER_MS, PURGED_AT_ONCE);
    return Number(remember.run(key, until, now).changes) === 1;
  }

  return {
    read(id) {
      const row = one.get(id);
      return row && readRecord(id, row['body']);
    },
    prepareSave(record, once) {
      if (once) checkId(once.key);
      const { id, kind, status, version, dueAt = null } = record;
      const columns = [kind, status, version, dueAt, writeRecord(record), id] as const;
      return () => {
        // Written together with its change or not at all: whoever finds it here is not this owner.
        if (once && recall.get(once.key, once.now)) return 'repeated';
        const { changes } = version === 1 ? insert.run(...columns) : update.run(...columns, version - 1);
        if (Number(changes) !== 1) return 'conflict';
        if (once) keep(once.key, once.until, once.now);
        return 'saved';
      };
    },
    due: (now, limit) => due.all(now, limit).map(({ id }) => textOf(id)),
    list,
    preparePutAudit(items) {
      const texts = writeAudit(items);
      return () => putAll(texts);
    },
    readAudit: (record) => audit.all(record).map(({ seq, body }) => readAuditItem(record, Number(seq), body)),
    auditedIds(next = '') {
      const ids = audited.all(next, PAGE).map(({ record }) => textOf(record));
      const last = ids.at(-1);
      return { ids, ...(ids.length === PAGE && last !== undefined && { next: last }) };
    },
    remember(key, until, now) {
      checkId(key);
      return keep(key, until, now);
    },
    readEpoch: () => epochOf(epoch.get()),
    bumpEpoch: (now) => epochOf(bump.get(now)),
  };
}

function textOf(value: SQLOutputValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new Fault('STORE_CORRUPT', 'the store is damaged: an id is no text');
}

function epochOf(row: Record<string, SQLOutputValue> | undefined): number {
  const value = row?.['value'];
  if (typeof value === 'number') return value;
  throw new Fault('STORE_CORRUPT', 'the store is damaged: its epoch is missing');
}
