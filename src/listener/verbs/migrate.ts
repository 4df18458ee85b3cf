import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';

/** Makes the store, or brings its schema to this release. */
export const migrate: Verb = {
  name: 'migrate',
  usage: '',
  summary: 'makes the store, or brings it to this release; with SQLite while no listener runs',
  async run({ config, clock, say }, args) {
    readOptions(args, [], {});
    const { store, aws } = config;
    const { migrateDynamo, migrateSqlite } = await import('../../store/migrate.ts');
    const report =
      store.kind === 'sqlite'
        ? await migrateSqlite(store.path)
        : await migrateDynamo({ table: store.requests, region: aws.region, endpoint: aws.endpoint }, clock);
    say(
      report.from === report.to
        ? `schema ${report.to}: nothing to do`
        : `schema ${report.from} → ${report.to}`,
    );
    for (const note of report.notes) say(note);
    return 0;
  },
};
