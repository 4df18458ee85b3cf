import type { Store, StoredRecord } from '../store/store.ts';
import type { AuditChain } from './audit.ts';

const MOST_LOOKS = 10;

/**
 * What is wrong with the history of a record, also while a listener writes it: where record and entries do not agree, both
 * are read again until the record has stood still in between.
 */
export async function auditProblems(
  record: StoredRecord,
  store: Pick<Store, 'read' | 'readAudit'>,
  chain: AuditChain,
): Promise<readonly string[]> {
  let current = record;
  for (let looks = 1; ; looks++) {
    const found = chain.problems(current, await store.readAudit(current.id));
    if (found.length === 0) return [];
    const now = await store.read(current.id);
    if (now === undefined || now.version === current.version || looks >= MOST_LOOKS) return found;
    current = now;
  }
}
