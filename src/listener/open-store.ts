import type { Audited } from '../store/audited.ts';
import type { Epoch } from '../store/epoch.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config/config.ts';

export type OpenedStore = Store & Epoch & Audited;

/**
 * Opens the configured store; what it needs is loaded only now. A listener owns its SQLite file, an operator verb is a guest
 * beside it. Faults: STORE_*.
 */
export async function openStore(config: Pick<Config, 'store' | 'aws'>, owner: boolean): Promise<OpenedStore> {
  const { store, aws } = config;
  switch (store.kind) {
    case 'sqlite': {
      const { openSqliteStore } = await import('../store/sqlite.ts');
      return openSqliteStore({ path: store.path, owner });
    }
    case 'dynamodb': {
      const { openDynamoStore } = await import('../store/dynamodb.ts');
      return openDynamoStore({ table: store.requests, region: aws.region, endpoint: aws.endpoint });
    }
    default:
      return store satisfies never;
  }
}
