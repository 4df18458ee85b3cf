import { afterAll, beforeAll } from 'vitest';
import { openDynamoStore } from '../../src/store/dynamodb.ts';
import { migrateDynamo } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { describeStore } from './contract.ts';
import { CREDENTIALS, PATIENT, startDynamo } from './dynamo-place.ts';
import type { DynamoPlace } from './dynamo-place.ts';

let place: DynamoPlace;
let tables = 0;
beforeAll(async () => {
  place = await startDynamo();
});
afterAll(() => place.end());

describeStore('a store in DynamoDB', async () => {
  const options = {
    table: `listener-${++tables}`,
    region: 'eu-central-1',
    endpoint: place.endpoint,
    credentials: CREDENTIALS,
  };
  await migrateDynamo(options);
  const opened: Store[] = [];
  return {
    async open() {
      const store = await openDynamoStore(options, PATIENT);
      opened.push(store);
      return store;
    },
    async end() {
      await Promise.all(opened.map((store) => store.close()));
    },
  };
});
