import { expect, test } from 'vitest';
import { createReadiness } from '../../src/listener/readiness.ts';
import { manualClock } from '../support/manual-clock.ts';

function setup() {
  const clock = manualClock();
  const lines: string[] = [];
  const told: boolean[] = [];
  const write = (line: string, fields: object = {}) => void lines.push(`${line} ${JSON.stringify(fields)}`);
  const log = { debug: write, info: write, warn: write, error: write };
  const readiness = createReadiness(clock, log, (ready) => void told.push(ready));
  return { clock, lines, told, readiness };
}

test('is ready without checks, and never again once it stops', async () => {
  const { readiness, told } = setup();
  expect(await readiness.report()).toEqual({ ready: true, checks: { running: true } });
  readiness.stopping();
  expect(await readiness.report()).toEqual({ ready: false, checks: { running: false } });
  expect(told).toEqual([true, false, false]);
});

test('runs its checks at most once a second, however often somebody asks', async () => {
  const { readiness, clock } = setup();
  let runs = 0;
  readiness.add('store', () => {
    runs += 1;
    return Promise.resolve(undefined);
  });
  await Promise.all([readiness.report(), readiness.report(), readiness.report()]);
  expect(runs).toBe(1);
  clock.freeze(1000);
  await readiness.report();
  expect(runs).toBe(2);
});

test('is not ready while a check fails, throws or does not answer, and tells the log once', async () => {
  const { readiness, clock, lines } = setup();
  readiness.add('good', () => Promise.resolve(undefined));
  readiness.add('bad', () => Promise.resolve('not yet'));
  readiness.add('broken', () => Promise.reject(new Error('it broke')));
  readiness.add('stuck', () => new Promise(() => undefined));
  for (let count = 0; count < 2; count++) {
    const report = readiness.report();
    await clock.advance(2000);
    expect(await report).toEqual({
      ready: false,
      checks: { good: true, bad: false, broken: false, stuck: false, running: true },
    });
  }
  expect(lines.toSorted()).toEqual([
    'check fails {"check":"bad","reason":"not yet"}',
    'check fails {"check":"broken","reason":"it broke"}',
    'check fails {"check":"stuck","reason":"no answer for 2 s"}',
  ]);
});

test('is ready again when a check passes again', async () => {
  const { readiness, clock, lines } = setup();
  let reason: string | undefined = 'locked';
  readiness.add('store', () => Promise.resolve(reason));
  expect(await readiness.report()).toMatchObject({ ready: false });
  reason = undefined;
  clock.freeze(1000);
  expect(await readiness.report()).toMatchObject({ ready: true });
  expect(lines.at(-1)).toBe('check passes {"check":"store"}');
});
