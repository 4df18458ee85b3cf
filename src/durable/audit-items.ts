import { messageOf } from '../kit/fault.ts';
import type { StoredRecord } from '../store/store.ts';
import type { DurablePorts } from './core.ts';

/** Moves audit entries out of their records into items of their own. */
export interface AuditItems {
  /** The last entry of a record that this process knows to be stored as an item; 0 when it knows of none. */
  stored(id: string): number;
  /** Stores the pending entries of a saved record, after the answer: a failure is logged, and made good later. */
  later(record: StoredRecord): void;
  /** Stores them now. Rejects when that fails. */
  now(record: Pick<StoredRecord, 'id' | 'audit'>): Promise<void>;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
}

/** Records whose last stored entry is remembered. What is forgotten costs one more write, nothing else. */
const MOST_REMEMBERED = 10_000;

/** One write at a time for each record; what was asked for meanwhile follows as one. */
export function createAuditItems({
  store,
  log,
  redact,
}: Pick<DurablePorts, 'store' | 'log' | 'redact'>): AuditItems {
  const known = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, StoredRecord>();
  const stored = (id: string) => known.get(id) ?? 0;

  const now = async ({ id, audit }: Pick<StoredRecord, 'id' | 'audit'>): Promise<void> => {
    const fresh = audit.pending.filter(({ seq }) => seq > stored(id));
    if (fresh.length === 0) return;
    await store.putAudit(fresh);
    known.delete(id);
    known.set(id, audit.seq);
    const [oldest] = known.keys();
    if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
  };

  const run = async (record: StoredRecord): Promise<void> => {
    for (let next: StoredRecord | undefined = record; next; next = take(record.id))
      await now(next).catch((error: unknown) => {
        log.warn(`audit of ${record.id} is stored later: ${redact(messageOf(error))}`);
      });
    running.delete(record.id);
  };

  const take = (id: string): StoredRecord | undefined => {
    const record = waiting.get(id);
    waiting.delete(id);
    return record;
  };

  return {
    stored,
    now,
    later(record) {
      if (record.audit.pending.length === 0) known.delete(record.id);
      else if (running.has(record.id)) waiting.set(record.id, record);
      else running.set(record.id, run(record));
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
