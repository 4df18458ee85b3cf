import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '../kit/fault.ts';
import type { Audited } from './audited.ts';
import type { Epoch } from './epoch.ts';
import { createGroupCommit } from './group-commit.ts';
import { checkDisk, secureFile } from './sqlite-disk.ts';
import type { FileSystemOf } from './sqlite-disk.ts';
import { isBusy, sqliteFault, withSqliteFaults } from './sqlite-fault.ts';
import { takeOwnership } from './sqlite-owner.ts';
import { bringForward, checkVersion } from './sqlite-schema.ts';
import { prepareStatements } from './sqlite-statements.ts';
import type { Store } from './store.ts';

export interface SqliteOptions {
  readonly path: string;
  /** False for an operator verb: a guest reads, and compares and sets, beside the listener that owns the file. */
  readonly owner?: boolean | undefined;
  readonly fileSystemOf?: FileSystemOf | undefined;
}

const WAIT_MS = 250;
const AGAIN_MS = 5;

/**
 * A store in one SQLite file: WAL, `synchronous=FULL` with group commit, mode 0600, on a local disk, one owner at a time
 * (STORE_OWNED). The owner makes a new file and takes additive schema steps; a guest does neither. No call waits longer
 * than 250 ms for a lock.
 */
export async function openSqliteStore({
  path,
  owner = true,
  fileSystemOf,
}: SqliteOptions): Promise<Store & Epoch & Audited> {
  checkDisk(path, fileSystemOf);
  if (!owner && !existsSync(path))
    throw new Fault('STORE_REFUSED', `there is no SQLite store ${path}`, {
      hint: 'name the configuration of the listener, or make a store with: listener migrate',
    });
  const file = secureFile(path);
  const release = owner ? takeOwnership(file) : () => undefined;
  try {
    const db = openDatabase(file, (opened) =>
      owner ? bringForward(opened, { all: false }) : checkVersion(opened),
    );
    return storeOf(db, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Opens the file as every user of it does, and closes it again when `prepare` refuses it. */
export function openDatabase(path: string, prepare: (db: DatabaseSync) => unknown): DatabaseSync {
  return withSqliteFaults(() => {
    const db = new DatabaseSync(path, { timeout: WAIT_MS });
    try {
      prepare(db);
      db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma journal_size_limit = 67108864');
      // From here on waiting is done beside the event loop.
      db.exec('pragma busy_timeout = 0');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function storeOf(db: DatabaseSync, release: () => void): Store & Epoch & Audited {
  const statements = prepareStatements(db);
  const commits = createGroupCommit(db);
  let closed: Promise<void> | undefined;

  async function read<Answer>(run: () => Answer): Promise<Answer> {
    const until = performance.now() + WAIT_MS;
    for (;;) {
      checkOpen();
      try {
        return run();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= until) throw sqliteFault(error);
      }
      await setTimeout(AGAIN_MS);
    }
  }

  async function write<Answer>(run: () => Answer): Promise<Answer> {
    checkOpen();
    return commits.write(run);
  }

  function checkOpen(): void {
    if (closed) throw new Fault('STORE_UNAVAILABLE', 'the SQLite store was closed');
  }

  async function end(): Promise<void> {
    await commits.idle();
    db.close();
    release();
  }

  return {
    read: (id) => read(() => statements.read(id)),
    async save(record, once) {
      const prepared = statements.prepareSave(record, once);
      return write(prepared);
    },
    due: (now, limit) => read(() => statements.due(now, limit)),
    list: (filter, next) => read(() => statements.list(filter, next)),
    async putAudit(items) {
      if (items.length > 0) await write(statements.preparePutAudit(items));
    },
    readAudit: (record) => read(() => statements.readAudit(record)),
    auditedIds: (next) => read(() => statements.auditedIds(next)),
    remember: (key, until, now) => write(() => statements.remember(key, until, now)),
    readEpoch: () => read(() => statements.readEpoch()),
    bumpEpoch: (now) => write(() => statements.bumpEpoch(now)),
    close: () => (closed ??= end()),
  };
}
