import type { OpenedStore } from './open-store.ts';

/** The store, with every call that fails told by its name. */
export function countStoreErrors(store: OpenedStore, failed: (operation: string) => void): OpenedStore {
  const telling = async <T>(operation: string, act: Promise<T>): Promise<T> => {
    try {
      return await act;
    } catch (error) {
      failed(operation);
      throw error;
    }
  };
  return {
    read: (id) => telling('read', store.read(id)),
    save: (record, once) => telling('save', store.save(record, once)),
    due: (now, limit) => telling('due', store.due(now, limit)),
    list: (filter, next) => telling('list', store.list(filter, next)),
    putAudit: (items) => telling('putAudit', store.putAudit(items)),
    readAudit: (record) => telling('readAudit', store.readAudit(record)),
    auditedIds: (next) => telling('auditedIds', store.auditedIds(next)),
    remember: (key, until, now, owner) => telling('remember', store.remember(key, until, now, owner)),
    readEpoch: () => telling('readEpoch', store.readEpoch()),
    bumpEpoch: (now) => telling('bumpEpoch', store.bumpEpoch(now)),
    close: () => store.close(),
  };
}
