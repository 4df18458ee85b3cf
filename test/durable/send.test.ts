import { describe, expect, test } from 'vitest';
import { settled } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { firstTime } from '../support/once.ts';
import { workbench } from './jobs.ts';

const MAIL = { word: 'go', schedule: [{ key: 'mail' }] };

describe('send', () => {
  test('makes a record of version 1', async () => {
    const { jobs, store, clock } = workbench();
    const { snapshot } = await jobs.send('job/1', { word: 'go' });
    expect(snapshot).toMatchObject({ version: 1, status: 'open', data: { told: ['go'] } });
    expect(store.all()).toMatchObject([
      { id: 'job/1', kind: 'job', schema: 2, version: 1, createdAt: clock.now(), updatedAt: clock.now() },
    ]);
  });

  test('decides on what is stored, and adds one to the version', async () => {
    const { jobs, clock, store } = workbench();
    await jobs.send('job/1', { word: 'a' });
    const created = clock.now();
    await clock.advance(5);
    await jobs.send('job/1', { word: 'b', status: 'shut' });
    expect(await jobs.read('job/1')).toMatchObject({
      version: 2,
      status: 'shut',
      data: { told: ['a', 'b'] },
    });
    expect(store.all()).toMatchObject([{ createdAt: created, updatedAt: created + 5 }]);
  });

  test('gives a refusal with the state it was decided on, and writes nothing', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', { word: 'a' });
    expect(await jobs.send('job/1', { word: 'no' })).toMatchObject({
      refused: 'as asked',
      snapshot: { version: 1 },
    });
    expect(store.calls.save).toBe(1);
  });

  test('counts what comes twice once, in one write, and says which of the two it was', async () => {
    const { jobs, store } = workbench();
    const [first, again] = [firstTime('click/1'), firstTime('click/1')];
    await jobs.send('job/1', { word: 'a' }, first);
    expect(store.calls).toMatchObject({ save: 1, remember: 0 });
    const sent = await jobs.send('job/1', { word: 'b' }, again);
    expect(sent).toMatchObject({ snapshot: { version: 1, data: { told: ['a'] } } });
    expect(sent.refused).toBeUndefined();
    expect([first.seen, again.seen]).toEqual([['kept'], ['repeated']]);
    expect(store.all()).toMatchObject([{ version: 1, data: { told: ['a'] } }]);
  });

  test('begins no effect for what comes a second time, and holds no place of its lane', async () => {
    const runs: string[] = [];
    const { jobs, clock } = workbench({
      places: 1,
      mail: async ({ snapshot }) => {
        runs.push(snapshot.id);
        return undefined;
      },
    });
    await jobs.send('job/1', MAIL, firstTime('click/1'));
    await clock.advance(0);
    await jobs.send('job/2', MAIL, firstTime('click/1'));
    await jobs.send('job/3', MAIL);
    await clock.advance(0);
    expect(runs).toEqual(['job/1', 'job/3']);
  });

  test('does not stand in its own way when another writer was faster, or its answer was lost', async () => {
    const store = memoryStore();
    const { jobs } = workbench({ store });
    await jobs.send('job/1', { word: 'a' });
    store.next('save', 'conflict', 'fail-after');
    const once = firstTime();
    await jobs.send('job/1', { word: 'b' }, once);
    expect(once.seen).toEqual(['kept']);
    expect(store.all()).toMatchObject([{ version: 2, data: { told: ['a', 'b'] } }]);
  });

  test('decides again on the newer state when another writer was faster', async () => {
    const store = memoryStore();
    const [one, other] = [workbench({ store }), workbench({ store })];
    await one.jobs.send('job/1', { word: 'a' });
    store.next('save', async () => {
      await other.jobs.send('job/1', { word: 'theirs' });
    });
    await one.jobs.send('job/1', { word: 'mine' });
    expect(store.all()).toMatchObject([{ version: 3, data: { told: ['a', 'theirs', 'mine'] } }]);
  });

  test('keeps every event of many writers at once', async () => {
    const store = memoryStore();
    const [one, other] = [workbench({ store }), workbench({ store })];
    const sends = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? one : other).jobs.send('job/1', { word: `w${index}` }),
    );
    for (let second = 0; second < 30; second++) {
      await one.clock.advance(1000);
      await other.clock.advance(1000);
    }
    await Promise.all(sends);
    const [record] = store.all();
    expect(record?.version).toBe(10);
    expect(record?.data['told']).toHaveLength(10);
  });

  test('gives up with STORE_UNAVAILABLE when every try meets a faster writer', async () => {
    const { jobs, store, clock } = workbench();
    store.next('save', ...Array.from({ length: 100 }, () => 'conflict' as const));
    const send = expect(jobs.send('job/1', MAIL)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await clock.advance(10_000);
    await send;
    expect(store.all()).toEqual([]);
  });

  test('gives back the places of effects it could not save', async () => {
    let runs = 0;
    const { jobs, store } = workbench({
      places: 1,
      mail: () => Promise.resolve(void runs++),
    });
    store.next('save', 'fail-before');
    await expect(jobs.send('job/1', MAIL)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await settled();
    expect(runs).toBe(0);
    await jobs.send('job/1', MAIL);
    await settled();
    expect(runs).toBe(1);
  });

  test('counts a write whose answer was lost as done, and runs its effects once', async () => {
    let runs = 0;
    const { jobs, store, engine, clock } = workbench({ mail: () => Promise.resolve(void runs++) });
    store.next('save', 'fail-after');
    expect(await jobs.send('job/1', MAIL)).toMatchObject({ snapshot: { version: 1 } });
    await clock.advance(300_000);
    await engine.sweep();
    expect(runs).toBe(1);
    expect(store.all()).toMatchObject([{ data: { told: ['go'] }, effects: [] }]);
  });

  test('finds its lost write under a newer one by the lease that it took', async () => {
    let runs = 0;
    const store = memoryStore();
    const one = workbench({ store, mail: () => Promise.resolve(void runs++) });
    const other = workbench({ store });
    store.next('save', 'fail-after');
    store.next(
      'read',
      () => undefined,
      async () => {
        await other.jobs.send('job/1', { word: 'theirs' });
      },
    );
    expect(await one.jobs.send('job/1', MAIL)).toMatchObject({ snapshot: { version: 1 } });
    await one.clock.advance(10);
    expect(runs).toBe(1);
    expect(store.all()).toMatchObject([{ version: 3, data: { told: ['go', 'theirs'] }, effects: [] }]);
  });

  test('counts a lost write without effects as done where it is found', async () => {
    const { jobs, store } = workbench();
    await jobs.send('job/1', { word: 'a' });
    store.next('save', 'fail-after');
    expect(await jobs.send('job/1', { word: 'b' })).toMatchObject({ snapshot: { version: 2 } });
  });

  test('rejects when nobody knows whether the write was done', async () => {
    const { jobs, store } = workbench();
    store.next('save', 'fail-after');
    store.next('read', () => undefined, 'fail-before');
    await expect(jobs.send('job/1', { word: 'a' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('reads what an older release wrote, and writes it in the newer form (A40)', async () => {
    const store = memoryStore();
    const older = workbench({ store, machine: { schema: 1, write: ({ told }) => ({ told, old: true }) } });
    await older.jobs.send('job/1', { word: 'a' });
    const { jobs } = workbench({
      store,
      machine: {
        parse: (data, schema) => ({ told: [`from ${schema}`, ...(data['old'] === true ? ['old'] : [])] }),
      },
    });
    await jobs.send('job/1', { word: 'b' });
    expect(store.all()).toMatchObject([{ schema: 2, data: { told: ['from 1', 'old', 'b'] } }]);
  });

  test('leaves alone what a newer release wrote, says so and counts it', async () => {
    const store = memoryStore();
    await workbench({ store, machine: { schema: 3 } }).jobs.send('job/1', { word: 'a' });
    const { jobs, seen } = workbench({ store });
    await expect(jobs.send('job/1', { word: 'b' })).rejects.toMatchObject({ code: 'STORE_VERSION' });
    await expect(jobs.read('job/1')).rejects.toMatchObject({ code: 'STORE_VERSION' });
    expect(seen).toEqual(['newer job/1', 'newer job/1']);
    expect(store.all()).toMatchObject([{ schema: 3, version: 1 }]);
  });

  test('refuses to read the record of another kind', async () => {
    const { engine, jobs } = workbench();
    const others = engine.keep({ ...otherMachine, kind: 'other' });
    await jobs.send('job/1', { word: 'a' });
    await expect(others.read('job/1')).rejects.toThrow('job/1 is a job');
  });

  test('reads nothing where nothing is', async () => {
    expect(await workbench().jobs.read('job/1')).toBeUndefined();
  });
});

const otherMachine = {
  schema: 1,
  parse: () => ({}),
  write: () => ({}),
  decide: () => ({ refused: 'never' }),
  effects: {},
};

describe('watch', () => {
  test('tells of every save until it is ended, and of no other record', async () => {
    const { engine, jobs } = workbench();
    const versions: number[] = [];
    const end = engine.watch('job/1', ({ version }) => versions.push(version));
    await jobs.send('job/1', { word: 'a' });
    await jobs.send('job/2', { word: 'a' });
    await jobs.send('job/1', { word: 'b' });
    end();
    await jobs.send('job/1', { word: 'c' });
    expect(versions).toEqual([1, 2]);
  });

  test('ends only its own watch, however often it is ended', async () => {
    const { engine, jobs } = workbench();
    const versions: number[] = [];
    const end = engine.watch('job/1', () => undefined);
    end();
    engine.watch('job/1', ({ version }) => versions.push(version));
    end();
    await jobs.send('job/1', { word: 'a' });
    expect(versions).toEqual([1]);
  });

  test('a watcher or an observer that throws fails no event, and stops no effect', async () => {
    let runs = 0;
    const { engine, jobs, lines } = workbench({
      mail: () => Promise.resolve(void runs++),
      observer: {
        changed() {
          throw new Error('no such label');
        },
        effect() {
          throw new Error('no such label');
        },
      },
    });
    engine.watch('job/1', () => {
      throw new Error('gone');
    });
    expect(await jobs.send('job/1', MAIL)).toMatchObject({ snapshot: { version: 1 } });
    await settled();
    expect(runs).toBe(1);
    expect(await jobs.read('job/1')).toMatchObject({ effects: [] });
    expect(lines).toEqual([
      'a watcher of job/1 failed: gone',
      'an observer failed: no such label',
      'a watcher of job/1 failed: gone',
      'an observer failed: no such label',
    ]);
  });
});
