import { describe, expect, test } from 'vitest';
import { DEADLINE_MS } from '../../src/durable/core.ts';
import type { StoredRecord } from '../../src/store/store.ts';
import { manualClock, settled } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { gate, workbench } from './jobs.ts';

const MAIL = { word: 'go', schedule: [{ key: 'mail' }] };

function recordOf(id: string, more: Partial<StoredRecord> = {}): StoredRecord {
  const effects = [{ key: 'bell', generation: 1, attempts: 0, nextAt: more.dueAt ?? 0 }];
  return {
    id,
    kind: 'job',
    schema: 2,
    version: 1,
    status: 'open',
    data: { told: [] },
    effects,
    audit: { seq: 0, head: '', pending: [] },
    dueAt: 0,
    createdAt: 0,
    updatedAt: 0,
    ...more,
  };
}

async function fill(
  store: MemoryStore,
  count: number,
  more: Partial<StoredRecord>,
  name: string,
): Promise<void> {
  for (let index = 0; index < count; index++) await store.save(recordOf(`${name}/${index}`, more));
}

describe('a sweep', () => {
  test('costs what is due, not what is there', async () => {
    const { engine, store, clock } = workbench();
    await fill(store, 9900, { dueAt: clock.now() + 1_000_000 }, 'later');
    await fill(store, 100, { dueAt: clock.now() - 1 }, 'due');
    const before = { ...store.calls };
    expect(await engine.sweep()).toMatchObject({ due: 100, tended: 100, failed: 0 });
    expect({
      due: store.calls.due - before.due,
      read: store.calls.read - before.read,
      save: store.calls.save - before.save,
      list: store.calls.list,
    }).toEqual({ due: 2, read: 100, save: 100, list: 0 });
  });

  test('of nothing costs one look', async () => {
    const { engine, store } = workbench();
    expect(await engine.sweep()).toEqual({ due: 0, tended: 0, failed: 0, ms: 0, lagMs: 0 });
    expect(store.calls).toMatchObject({ due: 1, read: 0, save: 0 });
  });

  test('tends more than a page, each record once', async () => {
    const { engine, store } = workbench();
    await fill(store, 550, {}, 'due');
    expect(await engine.sweep()).toMatchObject({ due: 550, tended: 550 });
    expect(store.all().every(({ version }) => version === 2)).toBe(true);
  });

  test('reads at most 32 records at once', async () => {
    let [now, most] = [0, 0];
    const store = memoryStore({
      async around(phase, method) {
        if (method !== 'read') return;
        now += phase === 'before' ? 1 : -1;
        most = Math.max(most, now);
        await settled();
      },
    });
    await fill(store, 100, {}, 'due');
    await workbench({ store }).engine.sweep();
    expect(most).toBe(32);
  });

  test('leaves alone and counts records of an unknown kind and of a newer form, and tends those behind them (A41)', async () => {
    const { engine, store, seen, clock } = workbench();
    await fill(store, 150, { kind: 'grant' }, 'a');
    await fill(store, 150, { schema: 3 }, 'b');
    await fill(store, 3, { dueAt: 5 }, 'job');
    expect(await engine.sweep()).toMatchObject({ due: 303, tended: 3, failed: 150 });
    expect(seen.filter((line) => line.startsWith('newer a/'))).toHaveLength(150);
    expect(seen.filter((line) => line.startsWith('newer b/'))).toHaveLength(150);
    expect(store.all().filter(({ version }) => version === 2)).toHaveLength(3);
    const reads = store.calls.read;
    await engine.sweep();
    expect(store.calls.read).toBe(reads);
    await clock.advance(60_000);
    await engine.sweep();
    expect(store.calls.read).toBe(reads + 300);
  });

  test('leaves a record that cannot be tended alone for 1 s, 2 s, … at most a minute', async () => {
    const { engine, store, clock, lines } = workbench({
      machine: {
        parse() {
          throw new Error('token hunter22 is poison');
        },
      },
    });
    await fill(store, 1, {}, 'job');
    const at: number[] = [];
    const start = clock.now();
    for (let second = 0; second <= 200; second++) {
      const { failed } = await engine.sweep();
      if (failed > 0) at.push((clock.now() - start) / 1000);
      await clock.advance(1000);
    }
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect(lines[0]).toBe('job/0 is left alone for 1 s: token *** is poison');
  });

  test('tends others while the store fails for one, and that one soon after', async () => {
    const { engine, store, clock } = workbench();
    await fill(store, 3, {}, 'job');
    store.next('read', 'fail-before');
    expect(await engine.sweep()).toMatchObject({ due: 3, tended: 2, failed: 1 });
    await clock.advance(1000);
    expect(await engine.sweep()).toMatchObject({ due: 1, tended: 1 });
  });

  test('reads again when another writer was faster, and gives up after three tries', async () => {
    const { engine, store } = workbench();
    await fill(store, 1, {}, 'job');
    store.next('save', 'conflict', 'conflict');
    expect(await engine.sweep()).toMatchObject({ tended: 1, failed: 0 });
    await fill(store, 1, {}, 'other');
    store.next('save', 'conflict', 'conflict', 'conflict');
    expect(await engine.sweep()).toMatchObject({ tended: 0, failed: 0 });
    expect(await engine.sweep()).toMatchObject({ tended: 1, failed: 0 });
  });

  test('does not mind an index that is behind (A21)', async () => {
    const { engine, store, jobs, clock } = workbench();
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    const saves = store.calls.save;
    const stale = { ...store, due: () => Promise.resolve(['job/1', 'job/gone']) };
    const other = workbench({ store: stale, clock });
    expect(await other.engine.sweep()).toMatchObject({ due: 2, tended: 0, failed: 0 });
    expect(store.calls.save).toBe(saves);
    await clock.advance(1);
    expect(await other.engine.sweep()).toMatchObject({ tended: 1 });
    await engine.stop(0);
  });

  test('begins each effect once when two engines sweep one store', async () => {
    const store = memoryStore();
    const clock = manualClock();
    let runs = 0;
    const mail = () => Promise.resolve(void runs++);
    await workbench({ store, clock, runsEffects: false }).jobs.send('job/1', MAIL);
    const [one, other] = [workbench({ store, clock, mail }), workbench({ store, clock, mail })];
    await Promise.all([one.engine.sweep(), other.engine.sweep()]);
    await settled();
    expect(runs).toBe(1);
  });
});

describe('an engine', () => {
  test('that only takes events leaves effects to the one that runs them', async () => {
    const store = memoryStore();
    const clock = manualClock();
    let runs = 0;
    const mail = () => Promise.resolve(void runs++);
    const intake = workbench({ store, clock, mail, runsEffects: false });
    const worker = workbench({ store, clock, mail });
    await intake.engine.start();
    await worker.engine.start();
    await settled();
    await intake.jobs.send('job/1', MAIL);
    await settled();
    expect(runs).toBe(0);
    expect(store.all()).toMatchObject([{ dueAt: clock.now() }]);
    await clock.advance(1000);
    expect(runs).toBe(1);
    await worker.engine.stop(0);
    await intake.engine.stop(0);
  });

  test('sweeps again and again, also after a sweep that failed', async () => {
    const { engine, store, clock, lines } = workbench();
    store.next('due', 'fail-before');
    await engine.start();
    await clock.advance(10_000);
    expect(store.calls.due).toBe(11);
    expect(lines).toEqual(['sweep: the store in memory was told to fail']);
    await engine.stop(0);
    await clock.advance(10_000);
    expect(store.calls.due).toBe(11);
  });

  test('that owns its store alone ends the leases of a crashed process when it starts', async () => {
    const store = memoryStore();
    const clock = manualClock();
    await workbench({ store, clock, mail: () => gate<undefined>().promise }).jobs.send('job/1', MAIL);
    const attempts: number[] = [];
    const { engine, jobs } = workbench({
      store,
      clock,
      soleOwner: true,
      mail(task) {
        attempts.push(task.attempts);
        return Promise.resolve({ word: 'mailed' });
      },
    });
    await engine.start();
    await settled();
    expect(attempts).toEqual([1]);
    expect(await jobs.read('job/1')).toMatchObject({ version: 4, data: { told: ['go', 'mailed'] } });
    await engine.stop(0);
  });

  test('that shares its store leaves the leases of the others alone when it starts: they may be at it (A20)', async () => {
    const store = memoryStore();
    const clock = manualClock();
    await workbench({ store, clock, mail: () => gate<undefined>().promise }).jobs.send('job/1', MAIL);
    let runs = 0;
    const { engine } = workbench({ store, clock, mail: () => Promise.resolve(void runs++) });
    await engine.start();
    await clock.advance(DEADLINE_MS - 1);
    expect(runs).toBe(0);
    await engine.stop(0);
  });

  test('keeps its own leases, and those of records it does not understand', async () => {
    const store = memoryStore();
    const clock = manualClock();
    const newer = workbench({ store, clock, machine: { schema: 3 }, mail: () => gate<undefined>().promise });
    await newer.jobs.send('job/newer', MAIL);
    let runs = 0;
    const { engine, jobs } = workbench({
      store,
      clock,
      soleOwner: true,
      async mail() {
        runs++;
        return gate<undefined>().promise;
      },
    });
    await jobs.send('job/own', MAIL);
    await engine.start();
    await settled();
    expect(runs).toBe(1);
    expect(store.all()).toMatchObject([{ version: 1 }, { version: 1 }]);
    await engine.stop(0);
  });

  test('starts although it cannot end the leases of a crashed process', async () => {
    const { engine, store, lines, clock } = workbench({ soleOwner: true });
    store.next('due', 'fail-before');
    await engine.start();
    await clock.advance(1000);
    expect(store.calls.due).toBe(3);
    expect(lines).toEqual(['leases are left to their ends: the store in memory was told to fail']);
    await engine.stop(0);
  });
});

describe('stop', () => {
  test('waits for the effects that run and for their ends, and begins none', async () => {
    const running = gate<{ word: string }>();
    let runs = 0;
    const { engine, jobs, store, clock } = workbench({
      places: 1,
      mail() {
        runs++;
        return running.promise;
      },
    });
    await engine.start();
    await jobs.send('job/1', MAIL);
    await jobs.send('job/2', MAIL);
    let stopped = false;
    const stop = engine.stop(25_000).then(() => (stopped = true));
    await clock.advance(1000);
    expect(stopped).toBe(false);
    await jobs.send('job/3', MAIL);
    running.resolve({ word: 'mailed' });
    await stop;
    await clock.advance(10_000);
    expect(runs).toBe(1);
    expect(store.all()).toMatchObject([
      { version: 2, effects: [], data: { told: ['go', 'mailed'] } },
      { version: 1, effects: [{ key: 'mail', attempts: 0 }] },
      { version: 1, effects: [{ key: 'mail', attempts: 0 }] },
    ]);
    expect(store.all()[2]?.effects[0]).not.toHaveProperty('lease');
    expect(clock.sleeping()).toBe(0);
  });

  test('waits for an audit entry that is being stored', async () => {
    const put = gate();
    const { engine, jobs, store, clock } = workbench();
    store.next('putAudit', () => put.promise);
    await jobs.send('job/1', { word: 'a', audit: { event: 'a' } });
    let stopped = false;
    const stop = engine.stop(25_000).then(() => (stopped = true));
    await settled();
    expect(stopped).toBe(false);
    put.resolve();
    await stop;
    expect(await store.readAudit('job/1')).toHaveLength(1);
    expect(clock.sleeping()).toBe(0);
  });

  test('gives up effects at the end of the grace: they are stopped, and left to the next process', async () => {
    const signals: AbortSignal[] = [];
    const { engine, jobs, store, clock } = workbench({
      mail({ signal }) {
        signals.push(signal);
        return gate<undefined>().promise;
      },
    });
    await engine.start();
    await jobs.send('job/1', MAIL);
    const stop = engine.stop(5000);
    await clock.advance(4999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    await stop;
    expect(signals[0]?.aborted).toBe(true);
    await settled();
    expect(store.all()).toMatchObject([{ version: 1, effects: [{ key: 'mail', attempts: 0 }] }]);
    expect(clock.sleeping()).toBe(0);
  });

  test('lets what is being written be written, and fires no more timers', async () => {
    const saving = gate();
    const store = memoryStore({
      async around(phase, method) {
        if (filled && phase === 'before' && method === 'save') await saving.promise;
      },
    });
    let filled = false;
    await fill(store, 100, {}, 'job');
    filled = true;
    const { engine } = workbench({ store });
    await engine.start();
    await settled();
    const stop = engine.stop(5000);
    saving.resolve();
    await stop;
    expect(store.all().filter(({ version }) => version === 2)).toHaveLength(32);
    expect(store.calls.due).toBe(1);
  });

  test('of an engine that was never started does nothing', async () => {
    const { engine, clock } = workbench();
    await engine.stop(1000);
    expect(clock.sleeping()).toBe(0);
  });
});
