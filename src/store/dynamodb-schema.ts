import { Fault } from '../kit/fault.ts';
import type { DynamoCalls } from './dynamodb-client.ts';
import { metaKey } from './dynamodb-items.ts';

/** Version of the keys and attributes of the table; `listener migrate` writes it down there. */
export const TABLE_VERSION = 1;

/** The version the table was migrated to, 0 if never. A newer one than the program's is refused with STORE_VERSION. */
export async function readTableVersion({ sdk, table, call }: DynamoCalls, callMs?: number): Promise<number> {
  const command = new sdk.GetItemCommand({ TableName: table, Key: metaKey('schema'), ConsistentRead: true });
  const answer = await call((client, options) => client.send(command, options), callMs);
  const version = Number(answer.Item?.['value']?.N ?? 0);
  if (version <= TABLE_VERSION) return version;
  throw new Fault(
    'STORE_VERSION',
    `the DynamoDB table ${table} has schema version ${version}, this program knows ${TABLE_VERSION}`,
    { hint: 'run the newer image again, or restore a backup made by this version' },
  );
}

/** Refuses a table of any version but the program's own. */
export async function checkTableVersion(calls: DynamoCalls, callMs: number): Promise<void> {
  const version = await readTableVersion(calls, callMs);
  if (version === TABLE_VERSION) return;
  throw new Fault(
    'STORE_VERSION',
    `the DynamoDB table ${calls.table} has schema version ${version}, this program needs ${TABLE_VERSION}`,
    { hint: 'make a backup, stop the listener, and run: listener migrate' },
  );
}
