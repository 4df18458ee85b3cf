import { existsSync } from 'node:fs';
import { Fault } from '../../kit/fault.ts';
import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';

/** Copies the SQLite store to a file, also beside a running listener. */
export const backup: Verb = {
  name: 'backup',
  usage: 'FILE',
  summary: 'copies the SQLite store to a new file, also while the listener runs',
  async run({ config, say }, args) {
    const { words } = readOptions(args, ['FILE'], {});
    const [file = ''] = words;
    if (config.store.kind !== 'sqlite')
      throw new Fault('STORE_REFUSED', 'backup is for SQLite', {
        hint: 'DynamoDB has its own: aws dynamodb create-backup, and point-in-time recovery',
      });
    const { path } = config.store;
    if (!existsSync(path)) throw new Fault('STORE_REFUSED', `there is no SQLite store ${path}`);
    const { backupSqlite } = await import('../../store/backup.ts');
    await backupSqlite(path, file);
    say(`${path} → ${file}`);
    if (existsSync(`${path}.audit-key`))
      say(`keep ${path}.audit-key apart from it: whoever has both can rewrite the audit`);
    return 0;
  },
};
