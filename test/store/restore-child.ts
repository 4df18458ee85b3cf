import { restoreSqlite } from '../../src/store/restore.ts';

// Restores, and ends without a word before the step that it is told.
const [, , path = '', from = '', last] = process.argv;
const restored = await restoreSqlite({
  path,
  from,
  force: true,
  now: Date.now(),
  before: (step) => {
    if (step === last) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(String(restored.kept));
