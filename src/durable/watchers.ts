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
  const watchers = new Map<string, ReadonlySet<{ readonly changed: Watcher }>>();
  const put = (id: string, all: ReadonlySet<{ readonly changed: Watcher }>) => {
    if (all.size === 0) watchers.delete(id);
    else watchers.set(id, all);
  };
  return {
    watch(id, changed) {
      const entry = { changed };
      put(id, new Set([...(watchers.get(id) ?? []), entry]));
      return () => put(id, new Set([...(watchers.get(id) ?? [])].filter((each) => each !== entry)));
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
