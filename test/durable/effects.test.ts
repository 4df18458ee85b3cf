import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { DEADLINE_MS, LEASE_MS } from '../../src/durable/core.ts';
import { Later } from '../../src/durable/machine.ts';
import type { Task } from '../../src/durable/machine.ts';
import { runEffect } from '../../src/durable/run-effect.ts';
import { Fault } from '../../src/kit/fault.ts';
import { manualClock, settled } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { gate, workbench } from './jobs.ts';
import type { Job, JobEvent } from './jobs.ts';

const MAIL = { word: 'go', schedule: [{ key: 'mail' }] };
const BOTH = { word: 'go', schedule: [{ key: 'mail' }, { key: 'post' }] };

describe('an effect', () => {
  test('is leased in the write that asks for it', async () => {
    const { jobs, store, clock } = workbench({ mail: () => gate<undefined>().promise });
    await jobs.send('job/1', MAIL);
    const until = clock.now() + LEASE_MS;
    expect(store.all()).toMatchObject([
      { version: 1, dueAt: until, effects: [{ key: 'mail', attempts: 0, lease: { until } }] },
    ]);
  });

  test('is given the state it was asked for in, its key and its data', async () => {
    const tasks: Task<Job>[] = [];
    const { jobs } = workbench({
      mail(task) {
        tasks.push(task);
        return Promise.resolve(undefined);
      },
    });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'mail:7', data: { to: 'ana' } }] });
    expect(tasks).toMatchObject([
      {
        key: 'mail:7',
        data: { to: 'ana' },
        attempts: 0,
        snapshot: { id: 'job/1', version: 1, data: { told: ['go'] } },
      },
    ]);
  });

  test('ends in one write with the event it gives', async () => {
    const { jobs, store, seen } = workbench({ mail: () => Promise.resolve({ word: 'mailed' }) });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(store.all()).toMatchObject([{ version: 2, effects: [], data: { told: ['go', 'mailed'] } }]);
    expect(store.all()[0]).not.toHaveProperty('dueAt');
    expect(store.calls.save).toBe(2);
    expect(seen).toContain('job/mail done');
  });

  test('is over when the machine refuses its event', async () => {
    const { jobs, store } = workbench({ mail: () => Promise.resolve({ word: 'no' }) });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(store.all()).toMatchObject([{ version: 2, effects: [], data: { told: ['go'] } }]);
  });

  test('may ask for itself again with its event', async () => {
    let runs = 0;
    const again = { word: 'more', schedule: [{ key: 'mail' }] };
    const { jobs } = workbench({ mail: () => Promise.resolve(++runs < 3 ? again : { word: 'last' }) });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'more', 'more', 'last'] } });
  });

  test('waits for its time', async () => {
    let runs = 0;
    const { jobs, engine, clock } = workbench({ mail: () => Promise.resolve(void runs++) });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'mail', at: clock.now() + 1000 }] });
    await clock.advance(999);
    expect(await engine.sweep()).toMatchObject({ due: 0, tended: 0 });
    await clock.advance(1);
    expect(await engine.sweep()).toMatchObject({ due: 1, tended: 1, failed: 0 });
    await settled();
    expect(runs).toBe(1);
  });

  test('that was cancelled is not begun; one that runs changes nothing any more', async () => {
    const running = gate<JobEvent>();
    const { jobs, engine, clock, seen } = workbench({ mail: () => running.promise });
    await jobs.send('job/1', {
      word: 'go',
      schedule: [{ key: 'mail' }, { key: 'post', at: clock.now() + 9 }],
    });
    await jobs.send('job/1', {
      word: 'stop',
      schedule: [
        { key: 'mail', cancel: true },
        { key: 'post', cancel: true },
      ],
    });
    running.resolve({ word: 'too late' });
    await clock.advance(1000);
    expect(await engine.sweep()).toMatchObject({ due: 0 });
    expect(await jobs.read('job/1')).toMatchObject({ effects: [], data: { told: ['go', 'stop'] } });
    expect(seen).toContain('job/mail stale');
    expect(seen).not.toContain('job/post done');
  });

  test('that the release does not know is left alone and counted, and holds up no other', async () => {
    const store = memoryStore();
    const newer = workbench({ store, runsEffects: false });
    await newer.jobs.send('job/1', { word: 'go', schedule: [{ key: 'fax' }, { key: 'mail' }] });
    const { engine, jobs, seen, clock } = workbench({ store });
    await engine.sweep();
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ effects: [{ key: 'fax', attempts: 0 }] });
    const saves = store.calls.save;
    await engine.sweep();
    const reads = store.calls.read;
    await engine.sweep();
    expect(store.calls).toMatchObject({ save: saves, read: reads });
    await clock.advance(60_000);
    await engine.sweep();
    expect(seen.filter((line) => line === 'newer job/1')).toHaveLength(2);
  });
});

describe('effects of one record', () => {
  test('do not wait for each other: a lane that hangs delays no other (A18)', async () => {
    const { jobs, store } = workbench({ mail: () => gate<undefined>().promise, places: 1 });
    await jobs.send('job/1', BOTH);
    await settled();
    expect(store.all()).toMatchObject([{ version: 2, effects: [{ key: 'mail' }] }]);
  });

  test('of a full lane wait for a place, and are begun as soon as one is free', async () => {
    const first = gate<undefined>();
    const runs: string[] = [];
    const { jobs, engine, clock } = workbench({
      places: 1,
      async mail({ snapshot }) {
        runs.push(snapshot.id);
        return snapshot.id === 'job/1' ? first.promise : undefined;
      },
    });
    await engine.start();
    for (const id of ['job/1', 'job/2', 'job/3']) await jobs.send(id, MAIL);
    await clock.advance(30_000);
    expect(runs).toEqual(['job/1']);
    first.resolve(undefined);
    await settled();
    expect(runs).toEqual(['job/1', 'job/2', 'job/3']);
    expect(clock.sleeping()).toBe(1);
    await engine.stop(0);
  });

  test('that wait for a full lane are not written, hardly read, and hide nobody behind them', async () => {
    const hangs = gate<undefined>();
    const { jobs, engine, store, clock } = workbench({ places: 1, mail: () => hangs.promise });
    for (let index = 0; index < 300; index++) await jobs.send(`job/${index}`, MAIL);
    await clock.advance(1);
    await jobs.send('job/last', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    const saves = store.calls.save;
    expect(await engine.sweep()).toMatchObject({ due: 300, tended: 1 });
    expect(store.calls.save).toBe(saves + 1);
    expect(await jobs.read('job/last')).toMatchObject({ data: { told: ['go', 'rang'] } });
    const reads = store.calls.read;
    await engine.sweep();
    expect(store.calls).toMatchObject({ read: reads, save: saves + 1 });
  });

  test('a timer fires in time although the lane of its record is full', async () => {
    const { jobs, engine, clock } = workbench({ places: 1, mail: () => gate<undefined>().promise });
    await jobs.send('job/0', MAIL);
    await jobs.send('job/1', {
      word: 'go',
      schedule: [{ key: 'mail' }, { key: 'bell', at: clock.now() + 2000 }],
    });
    await engine.sweep();
    await clock.advance(2000);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({
      data: { told: ['go', 'rang'] },
      effects: [{ key: 'mail' }],
    });
  });

  test('a record that waited is seen at once after an event', async () => {
    const hangs = gate<undefined>();
    const { jobs, engine, clock } = workbench({ places: 1, mail: () => hangs.promise });
    await jobs.send('job/0', MAIL);
    await jobs.send('job/1', MAIL);
    await engine.sweep();
    await jobs.send('job/1', { word: 'set', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'set', 'rang'] } });
  });
});

describe('an effect that is asked for again while it runs', () => {
  test('runs again when that has ended, never beside it', async () => {
    const gates = [gate<JobEvent>(), gate<JobEvent>()];
    let [runs, beside, most] = [0, 0, 0];
    const { jobs, engine, clock } = workbench({
      async mail() {
        most = Math.max(most, ++beside);
        const event = await gates[runs++]?.promise;
        beside--;
        return event;
      },
    });
    await jobs.send('job/1', MAIL);
    await jobs.send('job/1', { word: 'again', schedule: [{ key: 'mail', data: { nth: 2 } }] });
    await engine.sweep();
    await clock.advance(1000);
    expect(runs).toBe(1);
    gates[0]?.resolve({ word: 'first' });
    await settled();
    expect(runs).toBe(2);
    gates[1]?.resolve({ word: 'second' });
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({
      effects: [],
      data: { told: ['go', 'again', 'first', 'second'] },
    });
    expect(most).toBe(1);
  });

  test('knows that the earlier run may have done it when that failed', async () => {
    const first = gate<JobEvent>();
    const attempts: number[] = [];
    const { jobs, engine, clock } = workbench({
      mail(task) {
        attempts.push(task.attempts);
        return attempts.length === 1 ? first.promise : Promise.resolve(undefined);
      },
    });
    await jobs.send('job/1', MAIL);
    await jobs.send('job/1', { word: 'again', schedule: [{ key: 'mail' }] });
    first.reject(new Error('no answer'));
    await clock.advance(1000);
    await engine.sweep();
    await settled();
    expect(attempts).toEqual([0, 1]);
  });

  test('is not tried before the time it is asked for when the earlier run failed', async () => {
    const first = gate<undefined>();
    const { jobs, clock } = workbench({ mail: () => first.promise });
    await jobs.send('job/1', MAIL);
    const nextAt = clock.now() + 3_600_000;
    await jobs.send('job/1', { word: 'later', schedule: [{ key: 'mail', at: nextAt }] });
    first.reject(new Error('no answer'));
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ effects: [{ key: 'mail', attempts: 1, nextAt }] });
  });

  test('counts its tries from nothing when the earlier run was done', async () => {
    const first = gate<undefined>();
    const attempts: number[] = [];
    const { jobs } = workbench({
      mail(task) {
        attempts.push(task.attempts);
        return attempts.length === 1 ? first.promise : Promise.resolve(undefined);
      },
    });
    await jobs.send('job/1', MAIL);
    await jobs.send('job/1', { word: 'again', schedule: [{ key: 'mail' }] });
    first.resolve(undefined);
    await settled();
    expect(attempts).toEqual([0, 0]);
  });

  test('for a later time waits for it, also when the process that ran it has crashed', async () => {
    let runs = 0;
    const store = memoryStore();
    const clock = manualClock();
    const crashed = workbench({ store, clock, mail: () => gate<undefined>().promise });
    await crashed.jobs.send('job/1', MAIL);
    const at = clock.now() + 2 * LEASE_MS;
    await crashed.jobs.send('job/1', { word: 'later', schedule: [{ key: 'mail', at }] });
    expect(store.all()).toMatchObject([{ dueAt: at }]);
    const { engine } = workbench({ store, clock, mail: () => Promise.resolve(void runs++) });
    clock.freeze(LEASE_MS);
    await engine.sweep();
    expect(runs).toBe(0);
    clock.freeze(LEASE_MS);
    await engine.sweep();
    expect(runs).toBe(1);
  });
});

describe('a failed effect', () => {
  test('is tried again for ever, after 1 s, 2 s, 4 s, … and then every 5 min (A18)', async () => {
    const { jobs, engine, clock, store, seen } = workbench({
      mail: () => Promise.reject(new Error('Slack is away')),
    });
    await jobs.send('job/1', MAIL);
    await settled();
    const pauses: number[] = [];
    for (let tries = 1; tries <= 11; tries++) {
      const [record] = store.all();
      expect(record?.effects).toMatchObject([{ key: 'mail', attempts: tries, lastError: 'Slack is away' }]);
      pauses.push((record?.dueAt ?? 0) - clock.now());
      await clock.advance(pauses.at(-1) ?? 0);
      await engine.sweep();
      await settled();
    }
    expect(pauses.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(seen).toContain('job/mail failed');
  });

  test('that is asked for again is tried at once, and knows that it may have been done', async () => {
    const attempts: number[] = [];
    const { jobs } = workbench({
      mail(task) {
        attempts.push(task.attempts);
        return attempts.length === 1 ? Promise.reject(new Error('no answer')) : Promise.resolve(undefined);
      },
    });
    await jobs.send('job/1', MAIL);
    await settled();
    await jobs.send('job/1', { word: 'again', schedule: [{ key: 'mail' }] });
    await settled();
    expect(attempts).toEqual([0, 1]);
    expect(await jobs.read('job/1')).toMatchObject({ effects: [] });
  });

  test('keeps its last error without secrets and short, until a try is done (A36)', async () => {
    const { jobs, store, lines, engine, clock } = workbench({
      mail: ({ attempts }) =>
        attempts > 0
          ? Promise.resolve(undefined)
          : Promise.reject(new Error(`token hunter22 ${'x'.repeat(1000)}`)),
    });
    await jobs.send('job/1', MAIL);
    await settled();
    const error = store.all()[0]?.effects[0]?.lastError ?? '';
    expect(error).toHaveLength(240);
    expect(error).toMatch(/^token \*\*\* x+$/);
    expect(lines.join('\n')).not.toContain('hunter22');
    await clock.advance(1000);
    await engine.sweep();
    await settled();
    expect(store.all()).toMatchObject([{ effects: [] }]);
  });

  test('may throw before it gives a promise', async () => {
    const { jobs } = workbench({
      mail() {
        throw new Error('at once');
      },
    });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ effects: [{ attempts: 1, lastError: 'at once' }] });
  });

  test('that is Later is tried then, and counts as no failure', async () => {
    let runs = 0;
    const { jobs, engine, clock, seen } = workbench({
      mail: () =>
        ++runs < 3 ? Promise.reject(new Later(30_000, 'rate limited')) : Promise.resolve(undefined),
    });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({
      effects: [{ attempts: 0, nextAt: clock.now() + 30_000 }],
    });
    for (let times = 0; times < 2; times++) {
      await clock.advance(30_000);
      await engine.sweep();
      await settled();
    }
    expect(runs).toBe(3);
    expect(seen).toEqual(['changed new open', 'job/mail later', 'job/mail later', 'job/mail done']);
  });

  test.for([0, -5, Number.NaN, Number.POSITIVE_INFINITY])(
    'that is Later by %s ms does not spin',
    async (ms) => {
      let runs = 0;
      const { jobs, clock } = workbench({
        mail() {
          runs++;
          throw new Later(ms, 'soon');
        },
      });
      await jobs.send('job/1', MAIL);
      await settled();
      expect(runs).toBe(1);
      expect(await jobs.read('job/1')).toMatchObject({ effects: [{ nextAt: clock.now() + 100 }] });
    },
  );
});

describe('a lease', () => {
  test('is longer than the deadline of its effect by the time a save may take', () => {
    expect({ DEADLINE_MS, LEASE_MS }).toEqual({ DEADLINE_MS: 60_000, LEASE_MS: 120_000 });
  });

  test('outlives the deadline: the effect is stopped, may do nothing more, and is tried again', async () => {
    const tasks: Task<Job>[] = [];
    const { jobs, clock, store } = workbench({
      mail(task) {
        tasks.push(task);
        return gate<undefined>().promise;
      },
    });
    await jobs.send('job/1', MAIL);
    await clock.advance(DEADLINE_MS - 1);
    const [task] = tasks;
    expect(task?.signal.aborted).toBe(false);
    task?.stillMine();
    await clock.advance(1);
    expect(task?.signal.aborted).toBe(true);
    expect(() => task?.stillMine()).toThrow('the lease of this effect is over');
    expect(store.all()).toMatchObject([{ effects: [{ attempts: 1, lastError: 'took too long' }] }]);
  });

  test('leaves no listener and no timer behind', async () => {
    const clock = manualClock();
    const { signal: over } = new AbortController();
    const lease = { owner: 'a', until: clock.now() + LEASE_MS };
    const snapshot = { id: 'job/1', version: 1, status: 'open', data: { told: [] }, effects: [] };
    const run = () =>
      runEffect(
        { ...snapshot, createdAt: 0, updatedAt: 0 },
        { key: 'mail', generation: 1, attempts: 0, nextAt: 0, lease },
        () => {
          expect(getEventListeners(over, 'abort')).toHaveLength(1);
          return Promise.resolve(undefined);
        },
        { clock, over },
      );
    expect(await run()).toEqual({ kind: 'done', event: undefined });
    expect(getEventListeners(over, 'abort')).toHaveLength(0);
    expect(clock.sleeping()).toBe(0);
  });

  test('that is over belongs to another: a process that was frozen does nothing more (A19)', async () => {
    const store = memoryStore();
    const clock = manualClock();
    const woken = gate();
    const calls: string[] = [];
    const frozen = workbench({
      store,
      clock,
      async mail({ stillMine }) {
        await woken.promise;
        stillMine();
        calls.push('frozen');
        return { word: 'frozen' };
      },
    });
    const other = workbench({
      store,
      clock,
      mail({ attempts }) {
        calls.push(`other after ${attempts}`);
        return Promise.resolve({ word: 'other' });
      },
    });
    await frozen.jobs.send('job/1', MAIL);
    clock.freeze(LEASE_MS);
    await other.engine.sweep();
    await settled();
    woken.resolve();
    await settled();
    expect(calls).toEqual(['other after 1']);
    expect(frozen.seen).toContain('job/mail stale');
    expect(await other.jobs.read('job/1')).toMatchObject({ effects: [], data: { told: ['go', 'other'] } });
  });

  test('that another holds now keeps out the end of a run that took too long (A19)', async () => {
    const store = memoryStore();
    const clock = manualClock();
    const [slow, next] = [gate<JobEvent>(), gate<JobEvent>()];
    const frozen = workbench({ store, clock, mail: () => slow.promise });
    const other = workbench({ store, clock, mail: () => next.promise });
    await frozen.jobs.send('job/1', MAIL);
    clock.freeze(LEASE_MS);
    await other.engine.sweep();
    slow.resolve({ word: 'frozen' });
    await settled();
    expect(await other.jobs.read('job/1')).toMatchObject({ effects: [{ key: 'mail', attempts: 1 }] });
    next.resolve({ word: 'other' });
    await settled();
    expect(await other.jobs.read('job/1')).toMatchObject({ effects: [], data: { told: ['go', 'other'] } });
  });

  test('that a frozen process finds over after its save is not used at all', async () => {
    let runs = 0;
    const clock = manualClock();
    const store = memoryStore({
      around(phase, method) {
        if (phase === 'after' && method === 'save') clock.freeze(LEASE_MS);
      },
    });
    const { jobs } = workbench({ store, clock, mail: () => Promise.resolve(void runs++) });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(runs).toBe(0);
  });

  test('of a crashed process ends, and the effect is begun again with one more try', async () => {
    const store = memoryStore();
    const clock = manualClock();
    await workbench({ store, clock, mail: () => gate<undefined>().promise }).jobs.send('job/1', MAIL);
    const attempts: number[] = [];
    const { engine } = workbench({
      store,
      clock,
      mail(task) {
        attempts.push(task.attempts);
        return Promise.resolve(undefined);
      },
    });
    clock.freeze(LEASE_MS - 1);
    await engine.sweep();
    expect(attempts).toEqual([]);
    clock.freeze(1);
    await engine.sweep();
    expect(attempts).toEqual([1]);
  });
});

describe('the end of an effect', () => {
  test('is saved when the store is back, and the effect is not run again for it', async () => {
    let runs = 0;
    const { jobs, engine, store, clock } = workbench({
      mail() {
        runs++;
        store.next('save', ...Array.from({ length: 5 }, () => 'fail-before' as const));
        return Promise.resolve({ word: 'mailed' });
      },
    });
    await jobs.send('job/1', MAIL);
    await clock.advance(LEASE_MS);
    await engine.sweep();
    expect(runs).toBe(1);
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'mailed'] }, effects: [] });
  });

  test('whose answer was lost is saved once', async () => {
    const { jobs, store, clock } = workbench({
      mail() {
        store.next('save', 'fail-after');
        store.next('read', () => undefined, 'fail-before');
        return Promise.resolve({ word: 'mailed' });
      },
    });
    await jobs.send('job/1', MAIL);
    await clock.advance(LEASE_MS);
    expect(await jobs.read('job/1')).toMatchObject({ version: 2, data: { told: ['go', 'mailed'] } });
  });

  test('is given up at the end of the lease', async () => {
    let runs = 0;
    const { jobs, store, clock, lines } = workbench({
      mail() {
        if (runs++ === 0) store.next('save', ...Array.from({ length: 100 }, () => 'fail-before' as const));
        return Promise.resolve(undefined);
      },
    });
    await jobs.send('job/1', MAIL);
    await clock.advance(LEASE_MS);
    expect(lines).toEqual(['job/1: the end of mail was not saved: the store in memory was told to fail']);
    expect(runs).toBe(1);
  });

  test('whose event the machine cannot take is tried again after the lease', async () => {
    let runs = 0;
    const { jobs, engine, clock, lines } = workbench({
      mail: () => Promise.resolve({ word: runs++ === 0 ? 'break' : 'fine' }),
      machine: {
        decide(current, { word, schedule }) {
          if (word === 'break') throw new Fault('REQUEST_INVALID', 'a bug');
          return {
            status: 'open',
            data: { told: [...(current?.data.told ?? []), word] },
            ...(schedule && { schedule }),
          };
        },
      },
    });
    await jobs.send('job/1', MAIL);
    await settled();
    expect(lines).toEqual(['job/1: the end of mail was not saved: a bug']);
    await clock.advance(LEASE_MS);
    await engine.sweep();
    await settled();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'fine'] }, effects: [] });
  });
});
