import { describe, expect, test } from 'vitest';
import { manualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { workbench } from './jobs.ts';

const HOUR = 3_600_000;

describe('a timer', () => {
  test('fires once, as an event, when its time has come', async () => {
    const { jobs, engine, clock, store } = workbench();
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 5000 }] });
    await clock.advance(4999);
    await engine.sweep();
    expect(store.calls.save).toBe(1);
    await clock.advance(1);
    await engine.sweep();
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({
      version: 2,
      data: { told: ['go', 'rang'] },
      effects: [],
    });
  });

  test('fires in the order of the times after a long absence, whatever the order of the asking', async () => {
    const { jobs, engine, clock, store } = workbench({ bell: (key) => ({ word: key }) });
    const at = clock.now();
    await jobs.send('job/1', {
      word: 'go',
      schedule: [
        { key: 'gong:3', at: at + 3000 },
        { key: 'bell:1', at: at + 1000 },
        { key: 'gong:4', at: at + 4000 },
        { key: 'bell:2', at: at + 2000 },
      ],
    });
    await clock.advance(HOUR);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({
      data: { told: ['go', 'bell', 'bell', 'gong', 'gong'] },
    });
    expect(store.calls.save).toBe(2);
  });

  test('that was cancelled by one that fires before it does not fire', async () => {
    const { jobs, engine, clock } = workbench({
      bell: (key) => ({ word: key, schedule: [{ key: key === 'bell' ? 'gong' : 'bell', cancel: true }] }),
    });
    const at = clock.now();
    await jobs.send('job/1', {
      word: 'go',
      schedule: [
        { key: 'gong', at: at + 2000 },
        { key: 'bell', at: at + 1000 },
      ],
    });
    await clock.advance(HOUR);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'bell'] }, effects: [] });
  });

  test('that was cancelled by an event does not fire', async () => {
    const { jobs, engine, clock } = workbench();
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 10 }] });
    await jobs.send('job/1', { word: 'stop', schedule: [{ key: 'bell', cancel: true }] });
    await clock.advance(HOUR);
    expect(await engine.sweep()).toMatchObject({ due: 0 });
  });

  test('that was put off fires at its new time only', async () => {
    const { jobs, engine, clock } = workbench();
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 10 }] });
    await jobs.send('job/1', { word: 'wait', schedule: [{ key: 'bell', at: clock.now() + 100 }] });
    await clock.advance(99);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'wait'] } });
    await clock.advance(1);
    await engine.sweep();
    expect(await jobs.read('job/1')).toMatchObject({ data: { told: ['go', 'wait', 'rang'] } });
  });

  test('may arm itself again with its own event', async () => {
    const clock = manualClock();
    const { jobs, engine } = workbench({
      clock,
      bell: () => ({ word: 'rang', schedule: [{ key: 'bell', at: clock.now() + 1000 }] }),
    });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1000 }] });
    for (let second = 0; second < 3; second++) {
      await clock.advance(1000);
      await engine.sweep();
    }
    expect(await jobs.read('job/1')).toMatchObject({
      data: { told: ['go', 'rang', 'rang', 'rang'] },
      effects: [{ key: 'bell', nextAt: clock.now() + 1000 }],
    });
  });

  test('that arms itself again at once fires a hundred times in a write, and lets the sweep end', async () => {
    const clock = manualClock();
    const { jobs, engine, store } = workbench({
      clock,
      bell: () => ({ word: 'rang', schedule: [{ key: 'bell', at: clock.now() }] }),
    });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await jobs.send('job/2', { word: 'go', schedule: [{ key: 'gong', at: clock.now() + 1 }] });
    await clock.advance(1);
    expect(await engine.sweep()).toMatchObject({ due: 2, tended: 2 });
    expect(store.calls.save).toBe(4);
    expect((await jobs.read('job/1'))?.data.told).toHaveLength(101);
  });

  test('is gone when the machine refuses its event', async () => {
    const { jobs, engine, clock, store } = workbench({ bell: () => ({ word: 'no' }) });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    await engine.sweep();
    await engine.sweep();
    expect(store.all()).toMatchObject([{ version: 2, data: { told: ['go'] }, effects: [] }]);
  });

  test('begins the effects of its event in the same write', async () => {
    const { jobs, engine, clock, store, seen } = workbench({
      bell: () => ({ word: 'rang', schedule: [{ key: 'mail' }] }),
    });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    await engine.sweep();
    await clock.advance(1);
    expect(seen).toContain('job/mail done');
    expect(store.calls.save).toBe(3);
  });

  test('fires once on two engines that sweep at once', async () => {
    const store = memoryStore();
    const clock = manualClock();
    const [one, other] = [workbench({ store, clock }), workbench({ store, clock })];
    await one.jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    await Promise.all([one.engine.sweep(), other.engine.sweep(), one.engine.sweep()]);
    expect(await one.jobs.read('job/1')).toMatchObject({ version: 2, data: { told: ['go', 'rang'] } });
  });

  test('does not fire in a process that only takes events', async () => {
    const { jobs, engine, clock, store } = workbench({ runsEffects: false });
    await jobs.send('job/1', { word: 'go', schedule: [{ key: 'bell', at: clock.now() + 1 }] });
    await clock.advance(1);
    expect(await engine.sweep()).toMatchObject({ due: 0, tended: 0 });
    expect(store.calls).toMatchObject({ save: 1, due: 0 });
  });
});
