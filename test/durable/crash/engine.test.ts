import { expect, test } from 'vitest';
import { createAuditChain } from '../../../src/durable/audit.ts';
import type { Snapshot } from '../../../src/durable/machine.ts';
import { manualClock } from '../../support/manual-clock.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { auditKey, workbench } from '../jobs.ts';
import type { Job, Workbench } from '../jobs.ts';
import { watchedStore } from '../watched-store.ts';
import { crashTest } from './crash-test.ts';
import type { Scenario, Step } from './crash-test.ts';
import { intentsOf, unmissed } from './intents.ts';

interface World {
  readonly clock: ManualClock;
  readonly watched: ReturnType<typeof watchedStore>;
  /** What the service was asked to do, and what the job had been told by then. */
  readonly served: { readonly name: string; readonly told: readonly string[] }[];
  readonly acknowledged: string[];
}

/** Tells a job a word: again as often as it takes, which the job takes once. */
function tell(
  id: string,
  word: string,
  schedule: readonly { readonly key: string; readonly inMs?: number }[],
): Step<World, Workbench> {
  return async ({ jobs }, { clock, acknowledged }) => {
    const at = (inMs: number | undefined) => (inMs === undefined ? {} : { at: clock.now() + inMs });
    await jobs.send(id, {
      word,
      schedule: schedule.map(({ key, inMs }) => ({ key, ...at(inMs) })),
      audit: { event: word },
    });
    acknowledged.push(`${id} ${word}`);
  };
}

const scenario: Scenario<World, Workbench> = {
  world: () => ({ clock: manualClock(), watched: watchedStore(), served: [], acknowledged: [] }),

  async start({ clock, watched, served }, life, tamper) {
    const { store } = watched;
    const service = life.port('service', {
      async serve({ id, data }: Snapshot<Job>, key: string): Promise<void> {
        served.push({ name: `${id} ${key}`, told: data.told });
        await Promise.resolve();
      },
    });
    const time = life.clock(clock);
    const bench: Workbench = workbench({
      store: { ...store, ...life.port('store', tamper(store)) },
      clock: { ...clock, ...time },
      soleOwner: true,
      everyMs: 60_000,
      // Takes a while, so that a second wish can come meanwhile.
      async mail({ key, snapshot, stillMine }) {
        await time.sleep(2000);
        stillMine();
        await service.serve(snapshot, key);
        return { word: `did ${key}`, audit: { event: `did ${key}` } };
      },
      // Says it to another record, which takes it once.
      async post({ snapshot }) {
        await bench.jobs.send('job/sum', { word: snapshot.id });
        return undefined;
      },
      bell: () => ({ word: 'rang', schedule: [{ key: 'note' }], audit: { event: 'rang' } }),
      note: async ({ snapshot }) => {
        await service.serve(snapshot, 'note');
        return undefined;
      },
      machine: {
        decide(current, { word, schedule, audit }) {
          const told = current?.data.told ?? [];
          if (told.includes(word) && !word.startsWith('did')) return { refused: 'known' };
          return {
            status: word === 'last' ? 'shut' : 'open',
            data: { told: [...told, word] },
            ...(schedule && { schedule }),
            ...(audit && { audit }),
          };
        },
      },
    });
    await bench.engine.start();
    return bench;
  },

  steps: [
    tell('job/1', 'first', [{ key: 'mail:1' }, { key: 'post' }, { key: 'bell', inMs: 600_000 }]),
    { pass: 500 },
    tell('job/1', 'second', [{ key: 'mail:1' }, { key: 'mail:2', inMs: 30_000 }]),
    tell('job/2', 'other', [{ key: 'post' }]),
    { pass: 700_000 },
    tell('job/1', 'last', []),
    tell('job/2', 'last', []),
  ],

  quiet: ({ watched }) => watched.store.all().every(({ effects }) => effects.length === 0),

  async problems({ watched, served, acknowledged }) {
    const { store, wrong } = watched;
    const records = store.all();
    const chain = createAuditChain(auditKey);
    const found = [...wrong];
    for (const record of records) {
      found.push(...chain.problems(record, await store.readAudit(record.id)));
      if (record.audit.pending.length > 0) found.push(`${record.id}: audit left`);
    }
    const toldOf = (id: string) =>
      String(records.find((record) => record.id === id)?.data['told']).split(',');
    for (const name of acknowledged) {
      const [id = '', word] = name.split(' ');
      if (toldOf(id).filter((each) => each === word).length !== 1) found.push(`${name} is not there once`);
    }
    if (toldOf('job/sum').toSorted().join() !== 'job/1,job/2') found.push(`sum: ${toldOf('job/sum').join()}`);
    if (!toldOf('job/1').includes('rang')) found.push('it never rang');
    const limits = { 'job/1 mail:1': 3, 'job/1 mail:2': 2, 'job/1 note': 2 };
    for (const [name, most] of Object.entries(limits)) {
      const times = served.filter((each) => each.name === name).length;
      if (times < 1 || times > most) found.push(`${name} served ${times} times`);
    }
    if (!served.some(({ name, told }) => name === 'job/1 mail:1' && told.includes('second')))
      found.push('mail:1 was not served after it was asked for again');
    return found;
  },
};

test('the engine keeps every promise wherever its process dies', async () => {
  const { killPoints, problems, calls } = await crashTest(scenario);
  process.stdout.write(`engine: ${killPoints} kill points in ${calls.length} calls\n`);
  expect(problems).toEqual([]);
  expect(killPoints).toBeGreaterThan(100);
});

test('a crash reveals every intent that is left out of its write', async () => {
  const intents = await intentsOf(scenario);
  process.stdout.write(`engine: ${intents.length} intents\n`);
  // It is asked for again before it is done: the second wish makes up for the first.
  expect(await unmissed(scenario, intents)).toEqual([{ id: 'job/1', version: 1, what: 'mail:1' }]);
});
