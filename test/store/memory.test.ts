import { memoryStore } from '../support/memory-store.ts';
import { describeStore } from './contract.ts';

describeStore('the store in memory', async () => {
  const store = memoryStore();
  return { open: () => Promise.resolve(store), end: () => store.close() };
});
