import { systemClock } from '../kit/clock.ts';
import type { Clock } from '../kit/clock.ts';
import { connectDynamo } from './dynamodb-client.ts';
import type { DynamoCalls, DynamoOptions } from './dynamodb-client.ts';
import { metaKey } from './dynamodb-items.ts';
import { readTableVersion, TABLE_VERSION } from './dynamodb-schema.ts';
import { ensureIndexes, ensureTable, expireOldItems, recoveryHint } from './dynamodb-table.ts';
import { checkDisk, secureFile } from './sqlite-disk.ts';
import type { FileSystemOf } from './sqlite-disk.ts';
import { takeOwnership } from './sqlite-owner.ts';
import { bringForward } from './sqlite-schema.ts';
import type { SchemaStep } from './sqlite-schema.ts';
import { openDatabase } from './sqlite.ts';

// Making a table takes DynamoDB longer than reading an item, and nobody waits for a click here.
const TIMES = { connectMs: 2000, callMs: 15_000 };

export interface MigrationReport {
  /** Versions of the schema: before, 0 for a new store, and now. */
  readonly from: number;
  readonly to: number;
  /** What the operator should know or do, a sentence each. */
  readonly notes: readonly string[];
}

/** Makes a SQLite store, or brings one forward; STORE_OWNED while a listener runs on it. Again and again changes nothing. */
export async function migrateSqlite(
  path: string,
  {
    steps,
    fileSystemOf,
  }: { readonly steps?: readonly SchemaStep[]; readonly fileSystemOf?: FileSystemOf } = {},
): Promise<MigrationReport> {
  checkDisk(path, fileSystemOf);
  const file = secureFile(path);
  const release = takeOwnership(file);
  try {
    let done = { from: 0, to: 0 };
    openDatabase(file, (db) => {
      done = bringForward(db, { all: true, ...(steps && { steps }) });
    }).close();
    return { ...done, notes: [] };
  } finally {
    release();
  }
}

/**
 * Makes the DynamoDB table (on demand, with its indexes and time to live), or adds what it lacks, and writes the schema
 * version into it. Again and again changes nothing.
 */
export async function migrateDynamo(
  options: DynamoOptions,
  clock: Clock = systemClock,
): Promise<MigrationReport> {
  const calls = await connectDynamo(options, TIMES);
  try {
    await ensureTable(calls, clock);
    const from = await readTableVersion(calls);
    await ensureIndexes(calls, clock);
    if (from < TABLE_VERSION) await writeVersion(calls);
    const notes = [await expireOldItems(calls), await recoveryHint(calls)];
    return { from, to: TABLE_VERSION, notes: notes.filter((note) => note !== undefined) };
  } finally {
    calls.close();
  }
}

async function writeVersion({ sdk, table, call }: DynamoCalls): Promise<void> {
  const command = new sdk.PutItemCommand({
    TableName: table,
    Item: { ...metaKey('schema'), value: { N: String(TABLE_VERSION) } },
  });
  await call((client, options) => client.send(command, options));
}
