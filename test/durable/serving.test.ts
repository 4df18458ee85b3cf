import { expect, test } from 'vitest';
import { createServing } from '../../src/durable/serving.ts';
import { sampleRecord } from '../store/sample.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function started() {
  const clock = manualClock();
  const serving = createServing(clock);
  const memory = memoryStore();
  const store = serving.watch(memory);
  const begun = clock.now();
  const ago = () => clock.now() - serving.since();
  const sweepFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 3 * SECOND) {
      await clock.advance(3 * SECOND);
      await store.due(clock.now(), 1).catch(() => undefined);
    }
  };
  let version = 0;
  const save = () => store.save(sampleRecord('approval/a', { version: ++version }));
  return { clock, serving, memory, store, begun, ago, sweepFor, save };
}

test('a process that sweeps has served since its start', async () => {
  const { begun, serving, sweepFor } = started();
  await sweepFor(HOUR);
  expect(serving.since()).toBe(begun);
});

test('a process that stood still has served since it woke, even before it has noticed', async () => {
  const { clock, ago, sweepFor } = started();
  await sweepFor(MINUTE);
  clock.freeze(75 * SECOND);
  expect(ago()).toBe(0);
  await sweepFor(30 * SECOND);
  expect(ago()).toBe(27 * SECOND);
});

test('a step of the clock, forward or back, is a break', async () => {
  for (const step of [HOUR, -HOUR]) {
    const { clock, ago, sweepFor } = started();
    await sweepFor(MINUTE);
    clock.freeze(step);
    expect(ago()).toBe(0);
    await sweepFor(MINUTE);
    expect(ago()).toBe(57 * SECOND);
  }
});

test('a store that is away is a break until it answers again', async () => {
  const { memory, ago, sweepFor } = started();
  await sweepFor(MINUTE);
  memory.next('due', ...Array.from({ length: 45 }, () => 'fail-before' as const));
  await sweepFor(135 * SECOND);
  expect(ago()).toBe(0);
  await sweepFor(30 * SECOND);
  expect(ago()).toBe(27 * SECOND);
});

test('a store that fails for a moment is none', async () => {
  const { memory, serving, begun, sweepFor } = started();
  memory.next('due', 'fail-before', 'fail-after');
  await sweepFor(MINUTE);
  expect(serving.since()).toBe(begun);
});

test('a store that can be read but takes no writes is a break, from the first that fails to the next that does not', async () => {
  const { memory, ago, sweepFor, save } = started();
  expect(await save()).toBe('saved');
  memory.next('save', 'fail-before');
  await expect(save()).rejects.toThrow();
  await sweepFor(9 * SECOND);
  expect(ago()).toBeGreaterThan(0);
  await sweepFor(MINUTE);
  expect(ago()).toBe(0);
  expect(await save()).toBe('conflict');
  await sweepFor(MINUTE);
  expect(ago()).toBe(MINUTE);
});

test('a write that fails and is done a moment later is none', async () => {
  const { memory, serving, begun, sweepFor, save } = started();
  memory.next('save', 'fail-before');
  await expect(save()).rejects.toThrow();
  await sweepFor(6 * SECOND);
  expect(await save()).toBe('conflict');
  await sweepFor(MINUTE);
  expect(serving.since()).toBe(begun);
});
