import { describe, expect, test } from 'vitest';
import type { Feature } from '../../src/listener/parts.ts';
import { withServing } from './with-serving.ts';
import { echo } from './with-server.ts';

describe('SIGTERM', () => {
  test('makes it not ready at once, and still lets it answer until the delay is over (P23)', () =>
    withServing({ features: [feature({ routes: [echo()] })] }, async ({ origin, program, logged }) => {
      await logged('listening');
      expect((await fetch(`${origin}/ready`)).status).toBe(200);
      program.signal('SIGTERM');
      await logged('stopping');
      const ready = await fetch(`${origin}/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ checks: { running: false } });
      expect((await fetch(`${origin}/echo/a`, { method: 'POST' })).status).toBe(200);
      program.signal('SIGTERM');
      expect(await program.ended).toBe(0);
    }));

  test('lets a request that is running come to its end', async () => {
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const slow = echo({
      async handle() {
        began.resolve();
        await gate.promise;
        return { status: 200, body: 'done' };
      },
    });
    await withServing({ features: [feature({ routes: [slow] })] }, async ({ origin, program, logged }) => {
      const answer = fetch(`${origin}/echo/a`, { method: 'POST' });
      await began.promise;
      program.signal('SIGTERM');
      program.signal('SIGTERM');
      await logged('stopping');
      gate.resolve();
      const response = await answer;
      expect(await response.text()).toBe('done');
      expect(response.headers.get('connection')).toBe('close');
      expect(await program.ended).toBe(0);
    });
  });

  test('tells a request that waits to answer early', async () => {
    const began = Promise.withResolvers<void>();
    const poll = echo({
      async handle({ signal }) {
        began.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { status: 200, body: 'nothing new' };
      },
    });
    await withServing({ features: [feature({ routes: [poll] })] }, async ({ origin, program }) => {
      const answer = fetch(`${origin}/echo/a`, { method: 'POST' });
      await began.promise;
      program.signal('SIGTERM');
      program.signal('SIGTERM');
      expect(await (await answer).text()).toBe('nothing new');
      expect(await program.ended).toBe(0);
    });
  });

  test('answers 503 for a request that fails because of it', async () => {
    const began = Promise.withResolvers<void>();
    const poll = echo({
      handle: ({ signal }) =>
        new Promise((_resolve, reject) => {
          began.resolve();
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    });
    await withServing({ features: [feature({ routes: [poll] })] }, async ({ origin, program }) => {
      const answer = fetch(`${origin}/echo/a`, { method: 'POST' });
      await began.promise;
      program.signal('SIGTERM');
      program.signal('SIGTERM');
      const response = await answer;
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await program.ended).toBe(0);
    });
  });

  test('quiets the parts with the requests, then stops them in the other order, then closes the store', async () => {
    const steps: string[] = [];
    const told = (name: string) =>
      feature({
        start: () => step(`${name} starts`),
        quiet: () => step(`${name} is quiet`),
        stop: () => step(`${name} stops`),
      });
    const step = (what: string) => {
      steps.push(what);
      return Promise.resolve();
    };
    await withServing({ features: [told('a'), told('b')] }, async ({ program, dir, logged }) => {
      await logged('listening');
      program.signal('SIGINT');
      program.signal('SIGINT');
      expect(await program.ended).toBe(0);
      expect(steps).toEqual(['a starts', 'b starts', 'a is quiet', 'b is quiet', 'b stops', 'a stops']);
      await withServing({ features: [], dir }, async (second) => {
        expect(await second.logged('listening')).toBeDefined();
      });
    });
  });

  test.each([
    ['0 s, with a second signal', 0, 10_000],
    ['12 s', 12_000, 10_000],
    ['15 s, the longest', 15_000, 8000],
  ])(
    'gives effects their time within the 25 s, and time to close the store: after a delay of %s',
    async (_, delayMs, graceMs) => {
      const given: number[] = [];
      const patient = feature({ stop: (ms) => Promise.resolve(void given.push(ms)) });
      const config = 'server: { shutdown_delay: 15s }';
      await withServing({ features: [patient], config }, async ({ program, clock, logged }) => {
        program.signal('SIGTERM');
        await logged('stopping');
        await clock.advance(delayMs);
        program.signal('SIGTERM');
        expect(await program.ended).toBe(0);
        expect([given, program.exited]).toEqual([[graceMs], []]);
      });
    },
  );

  test('ends every part although one cannot end as it should', async () => {
    const steps: string[] = [];
    const good = feature({ stop: () => Promise.resolve(void steps.push('good stops')) });
    const bad = feature({
      quiet: () => Promise.reject(new Error('not quiet')),
      stop: () => Promise.reject(new Error('not stopped')),
    });
    await withServing({ features: [good, bad] }, async ({ program, logged }) => {
      program.signal('SIGTERM');
      program.signal('SIGTERM');
      expect(await program.ended).toBe(0);
      expect(await logged('did not end well')).toMatchObject({ part: 'test', error: 'not quiet' });
      expect(steps).toEqual(['good stops']);
    });
  });

  test('ends it in any case after 25 s', async () => {
    const stuck = feature({ stop: () => new Promise(() => undefined) });
    await withServing({ features: [stuck] }, async ({ program, clock, logged }) => {
      program.signal('SIGTERM');
      await logged('stopping');
      await clock.advance(25_000);
      await logged('not everything ended in time');
      expect(program.exited).toEqual([1]);
    });
  });
});

function feature(given: Omit<Feature, 'name'>): Feature {
  return { name: 'test', ...given };
}
