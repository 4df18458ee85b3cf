import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '../kit/fault.ts';

/** One step of the schema. An additive one leaves what older programs wrote as it is, so that a start may take it. */
export interface SchemaStep {
  readonly additive: boolean;
  readonly sql: string;
}

/** Step n leads from version n - 1 to n (`PRAGMA user_version`). Steps are only ever added at the end. */
const STEPS: readonly SchemaStep[] = [
  {
    additive: true,
    sql: `
      create table record (
        id text not null unique, kind text not null, status text not null,
        version integer not null, due_at integer, body text not null
      );
      create index record_due on record (due_at, id) where due_at is not null;
      create index record_kind on record (kind, id);
      create index record_status on record (kind, status, id);
      create table audit (
        record text not null, seq integer not null, mac text not null, body text not null,
        primary key (record, seq)
      ) without rowid;
      create table remembered (key text primary key not null, until integer not null) without rowid;
      create index remembered_until on remembered (until);
      create table meta (name text primary key not null, value integer not null) without rowid;
      insert into meta values ('epoch', 1);
    `,
  },
];

// 'S3TS' in `PRAGMA application_id`: tells our file from another program's.
const APPLICATION = 0x53335453;

export interface Migration {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the schema forward, each step in a transaction of its own, and says from where to where. A new file always gets
 * it; of an older one, additive steps alone are taken unless `all`: the others wait for `listener migrate` (STORE_VERSION),
 * so that an upgrade never changes what there is before somebody made a backup. A newer one is refused.
 */
export function bringForward(
  db: DatabaseSync,
  { all, steps = STEPS }: { readonly all: boolean; readonly steps?: readonly SchemaStep[] },
): Migration {
  const from = ownVersion(db, steps.length);
  const wanted = steps.slice(from);
  if (from > 0 && !all && wanted.some(({ additive }) => !additive)) throw tooOld(from, steps.length);
  for (const [index, step] of wanted.entries()) take(db, step, from + index + 1);
  return { from, to: steps.length };
}

/** Refuses, for a guest, any version but the program's own. */
export function checkVersion(db: DatabaseSync): void {
  const version = ownVersion(db, STEPS.length);
  if (version < STEPS.length) throw tooOld(version, STEPS.length);
}

/** The version of a file, 0 of an empty one. Refuses another program's file, and a newer version than the program's. */
export function knownVersion(db: DatabaseSync): number {
  return ownVersion(db, STEPS.length);
}

function take(db: DatabaseSync, step: SchemaStep, version: number): void {
  db.exec('begin immediate');
  try {
    // Another process may have been faster.
    if (pragma(db, 'user_version') < version) {
      db.exec(step.sql);
      db.exec(`pragma application_id = ${APPLICATION}`);
      db.exec(`pragma user_version = ${version}`);
    }
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

function ownVersion(db: DatabaseSync, known: number): number {
  const version = pragma(db, 'user_version');
  const empty = db.prepare('select 1 from sqlite_schema limit 1').get() === undefined;
  if (!empty && pragma(db, 'application_id') !== APPLICATION)
    throw new Fault('STORE_REFUSED', 'the SQLite store is a database of another program', {
      hint: 'set store.sqlite to another path',
    });
  if (version <= known) return version;
  throw new Fault(
    'STORE_VERSION',
    `the SQLite store has schema version ${version}, this program knows ${known}`,
    { hint: 'run the newer image again, or restore a backup made by this version' },
  );
}

function tooOld(version: number, known: number): Fault {
  return new Fault(
    'STORE_VERSION',
    `the SQLite store has schema version ${version}, this program needs ${known}`,
    { hint: 'make a backup, stop the listener, and run: listener migrate' },
  );
}

function pragma(db: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(db.prepare(`pragma ${name}`).get()?.[name]);
}
