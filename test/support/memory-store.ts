import { Fault } from '../../src/kit/fault.ts';
import {
  checkId,
  otherAudit,
  readAuditItem,
  readRecord,
  writeAudit,
  writeRecord,
} from '../../src/store/record-text.ts';
import type { AuditItem, SavedOnce, Store, StoredRecord } from '../../src/store/store.ts';

export type StoreMethod = Exclude<keyof Store, 'close'>;

/**
 * What happens to a call: `fail-before` does nothing and throws STORE_UNAVAILABLE; `fail-after` does it, then throws, as
 * when the answer of a commit is lost; `conflict` (of `save` alone) does nothing and says so; a function is run, and waited
 * for, before the call is done: another writer, a delay, a crash (it may throw).
 */
export type StoreFault = 'fail-before' | 'fail-after' | 'conflict' | (() => void | Promise<void>);

export interface MemoryStoreOptions {
  /** Called around every call; what it throws is the answer: thrown `before`, the call is not done; `after`, it is. */
  readonly around?: (phase: 'before' | 'after', method: StoreMethod, key: string) => void | Promise<void>;
  readonly pageSize?: number;
}

export interface MemoryStore extends Store {
  /** The next call of the method fails so; several are queued, one for each call. */
  next(method: StoreMethod, ...faults: readonly StoreFault[]): void;
  /** From now on no call fails. */
  heal(): void;
  /** How often each method was called. */
  readonly calls: Readonly<Record<StoreMethod, number>>;
  /** Every record, in the order of their ids. */
  all(): readonly StoredRecord[];
}

/** A store in memory that compares and sets as the real ones do: records go in and out as text, never as references. */
export function memoryStore({ around, pageSize = 100 }: MemoryStoreOptions = {}): MemoryStore {
  const records = new Map<string, string>();
  const audit = new Map<string, Map<number, string>>();
  const remembered = new Map<string, number>();
  const faults = new Map<StoreMethod, StoreFault[]>();
  const calls = { read: 0, save: 0, due: 0, list: 0, putAudit: 0, readAudit: 0, remember: 0 };

  async function call<Answer>(
    method: StoreMethod,
    key: string,
    run: () => Answer,
    conflict?: Answer,
  ): Promise<Answer> {
    calls[method]++;
    const fault = faults.get(method)?.shift();
    await around?.('before', method, key);
    if (typeof fault === 'function') await fault();
    if (fault === 'fail-before') throw unavailable();
    if (fault === 'conflict' && conflict !== undefined) return conflict;
    const answer = run();
    await around?.('after', method, key);
    if (fault === 'fail-after') throw unavailable();
    return answer;
  }

  const recordOf = ([id, text]: readonly [string, string]) => readRecord(id, text);
  const all = () =>
    [...records].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(recordOf);

  function isRemembered(key: string, now: number): boolean {
    checkId(key);
    return (remembered.get(key) ?? now) > now;
  }

  function save(record: StoredRecord, once: SavedOnce | undefined): 'saved' | 'conflict' | 'repeated' {
    const text = writeRecord(record);
    if (once && isRemembered(once.key, once.now)) return 'repeated';
    const stored = records.get(record.id);
    const version = stored === undefined ? 0 : readRecord(record.id, stored).version;
    if (version !== record.version - 1) return 'conflict';
    records.set(record.id, text);
    if (once) remembered.set(once.key, once.until);
    return 'saved';
  }

  function putAudit(items: readonly AuditItem[]): void {
    const texts = writeAudit(items);
    const fresh = texts.filter(([item]) => {
      const stored = audit.get(item.record)?.get(item.seq);
      if (stored === undefined) return true;
      if (readAuditItem(item.record, item.seq, stored).mac !== item.mac) throw otherAudit(item);
      return false;
    });
    for (const [item, text] of fresh)
      audit.set(item.record, (audit.get(item.record) ?? new Map<number, string>()).set(item.seq, text));
  }

  return {
    calls,
    all,
    next(method, ...wanted) {
      faults.set(method, [...(faults.get(method) ?? []), ...wanted]);
    },
    heal: () => faults.clear(),
    read: (id) =>
      call('read', id, () => {
        const text = records.get(id);
        return text === undefined ? undefined : readRecord(id, text);
      }),
    save: (record, once) => call('save', record.id, () => save(record, once), 'conflict'),
    due: (now, limit) =>
      call('due', '', () =>
        all()
          .flatMap(({ id, dueAt }) => (dueAt !== undefined && dueAt <= now ? [{ id, dueAt }] : []))
          .toSorted((a, b) => a.dueAt - b.dueAt)
          .slice(0, limit)
          .map(({ id }) => id),
      ),
    list: ({ kind, status }, next) =>
      call('list', next ?? '', () => {
        const after = Buffer.from(next ?? '');
        const found = all().filter(
          (record) =>
            Buffer.compare(Buffer.from(record.id), after) > 0 &&
            (kind === undefined || record.kind === kind) &&
            (status === undefined || record.status === status),
        );
        const page = found.slice(0, pageSize);
        const last = page.at(-1);
        return { records: page, ...(found.length > pageSize && last && { next: last.id }) };
      }),
    putAudit: (items) => call('putAudit', items[0]?.record ?? '', () => putAudit(items)),
    readAudit: (record) =>
      call('readAudit', record, () =>
        [...(audit.get(record) ?? [])]
          .toSorted(([a], [b]) => a - b)
          .map(([seq, text]) => readAuditItem(record, seq, text)),
      ),
    remember: (key, until, now) =>
      call('remember', key, () => {
        if (isRemembered(key, now)) return false;
        remembered.set(key, until);
        return true;
      }),
    close: () => Promise.resolve(),
  };
}

function unavailable(): Fault {
  return new Fault('STORE_UNAVAILABLE', 'the store in memory was told to fail');
}
