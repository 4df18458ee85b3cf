import { Fault } from '../../kit/fault.ts';
import type { Restored } from '../../store/restore.ts';
import { usedAuditKeyOf } from '../audit-key.ts';
import { openStore } from '../open-store.ts';
import type { Verb, VerbContext } from '../verb.ts';
import { readOptions } from './options.ts';

/** Puts a backup in the place of the SQLite store, or marks a store that was brought back by other means. */
export const restore: Verb = {
  name: 'restore',
  usage: 'FILE [--force], or --mark',
  summary: 'puts a backup in the place of the SQLite store; or marks a store that came back in another way',
  async run(context, args) {
    const isMark = args.includes('--mark');
    const { words, values } = readOptions(args, isMark ? [] : ['FILE'], {
      mark: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    });
    if (!isMark) return fromFile(words[0] ?? '', values.force, context);
    if (values.force)
      throw new Fault('CONFIG_INVALID', '--force: nothing is overwritten by --mark', {
        hint: 'leave it out',
      });
    return mark(context);
  },
};

async function fromFile(from: string, force: boolean, context: VerbContext): Promise<number> {
  const { config, clock, say } = context;
  if (config.store.kind !== 'sqlite')
    throw new Fault('STORE_REFUSED', 'restore FILE is for SQLite', {
      hint: 'bring the table back with point-in-time recovery, then run: listener restore --mark',
    });
  // With another key all of its history would look changed.
  usedAuditKeyOf(config);
  const { path } = config.store;
  const { restoreSqlite } = await import('../../store/restore.ts');
  const restored = await restoreSqlite({ path, from, force, now: clock.now() });
  say(`${from} → ${path}`);
  for (const line of told(restored)) say(line);
  say(NEXT);
  return 0;
}

function told({ lastChange, kept }: Restored): string[] {
  const last = lastChange === undefined ? 'it has no records' : `its last change is of ${iso(lastChange)}`;
  return [
    `${last}: what was asked, decided or used since is not known to it`,
    ...(kept === undefined ? [] : [`the store that was there is kept as ${kept}`]),
  ];
}

const NEXT =
  'start the listener: what was open, or approved and not used, is asked anew on new cards; listener list --restored shows it';

async function mark({ config, clock, say, warn }: VerbContext): Promise<number> {
  // As its owner: SQLite refuses while a listener runs on it.
  const store = await openStore(config, true);
  try {
    say(`marked as restored at ${iso(await store.bumpEpoch(clock.now()))}`);
  } finally {
    await store.close();
  }
  if (config.store.kind !== 'sqlite')
    warn(
      'listener: restart every listener that already runs on this table: they read the mark when they start',
    );
  say(NEXT);
  return 0;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
