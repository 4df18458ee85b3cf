import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../kit/fault.ts';
import { secureFile } from './sqlite-disk.ts';
import { isBusy, sqliteFault } from './sqlite-fault.ts';

/**
 * Makes this process the owner of a store, until the answer is called: an exclusive transaction on the side file
 * `<path>-owner`. The lock is fcntl(2)'s, so the kernel frees it with the process, however that ends.
 */
export function takeOwnership(path: string): () => void {
  const side = `${path}-owner`;
  secureFile(side);
  const db = new DatabaseSync(side, { timeout: 0 });
  try {
    db.exec('begin exclusive');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw sqliteFault(error);
    throw new Fault('STORE_OWNED', `another listener has the SQLite store ${path} open`, {
      hint: 'stop it first, or give this one a path of its own; several replicas need store.dynamodb',
      cause: error,
    });
  }
  return () => db.close();
}
