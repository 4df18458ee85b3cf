import { expect, test } from 'vitest';
import type { Clock } from '../../src/kit/clock.ts';
import { isRetryable, retrying } from '../../src/kit/retry.ts';

/** Acts by a script of answers and failures, on a clock that only writes down how long it was asked to wait. */
function run(script: readonly (number | Error)[], change: { tries?: number; signal?: AbortSignal } = {}) {
  const pauses: number[] = [];
  const discarded: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      pauses.push(ms);
    },
  };
  let calls = 0;
  const answer = retrying(
    async () => {
      const next = script[calls++];
      if (next === undefined) throw new Error('called too often');
      if (next instanceof Error) throw next;
      return next;
    },
    {
      clock,
      again: (failure) => failure instanceof Error && failure.message === 'again',
      againAfter: isRetryable,
      discard: (status) => discarded.push(status),
      ...change,
    },
  );
  return { answer, pauses, discarded, calls: () => calls };
}

test('answers at once what needs no second try', async () => {
  for (const status of [200, 301, 403, 404, 499]) {
    const { answer, pauses, calls } = run([status]);
    expect(await answer).toBe(status);
    expect({ pauses, calls: calls() }).toEqual({ pauses: [], calls: 1 });
  }
});

test('tries three times, waits about 0.25 s and 0.75 s, and throws away what it does not return', async () => {
  const { answer, pauses, discarded } = run([503, new Error('again'), 200]);
  expect(await answer).toBe(200);
  expect(discarded).toEqual([503]);
  expect(pauses).toHaveLength(2);
  expect(Math.abs((pauses[0] ?? 0) - 250)).toBeLessThanOrEqual(62.5);
  expect(Math.abs((pauses[1] ?? 0) - 750)).toBeLessThanOrEqual(187.5);
});

test('gives back the last answer, or the last failure, when none is better', async () => {
  expect(await run([500, 429, 503]).answer).toBe(503);
  await expect(run([500, 500, new Error('again')]).answer).rejects.toThrow('again');
  await expect(run([new Error('again')], { tries: 1 }).answer).rejects.toThrow('again');
});

test('does not try again after a failure that may not be repeated', async () => {
  const { answer, calls } = run([new Error('done already'), 200]);
  await expect(answer).rejects.toThrow('done already');
  expect(calls()).toBe(1);
});

test('stops when the signal is aborted, before another try', async () => {
  const signal = AbortSignal.abort(new Error('stopped'));
  const failed = run([new Error('again'), 200], { signal });
  await expect(failed.answer).rejects.toThrow('again');
  const refused = run([503, 200], { signal });
  await expect(refused.answer).rejects.toThrow('stopped');
  expect([failed.calls(), refused.calls()]).toEqual([1, 1]);
});

test.for([[429], [500], [502], [503], [599]])('calls %i "not now"', ([status]) => {
  expect(isRetryable(status ?? 0)).toBe(true);
});

test.for([[200], [206], [304], [400], [403], [404], [408]])('calls %i an answer', ([status]) => {
  expect(isRetryable(status ?? 0)).toBe(false);
});
