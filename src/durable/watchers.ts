import { messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { StoredRecord } from '../store/store.ts';

type Watcher = (record: StoredRecord) => void;

/** Those who wait for records to change. */
export interface Watchers {
  watch(id: string, changed: Watcher): () => void;
  /** Never throws: what a watcher throws is logged. */
  tell(record: StoredRecord): void;
}

export function createWatchers(log: Log): Watchers {
  const watchers = new Map<string, Set<{ readonly changed: Watcher }>>();
  return {
    watch(id, changed) {
      const entry = { changed };
      const all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(entry));
      return () => {
        if (all.delete(entry) && all.size === 0) watchers.delete(id);
      };
    },
    tell(record) {
      for (const { changed } of watchers.get(record.id) ?? []) {
        try {
          changed(record);
        } catch (error) {
          log.warn(`a watcher of ${record.id} failed: ${messageOf(error)}`);
        }
      }
    },
  };
}
