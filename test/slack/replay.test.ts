import { expect, it } from 'vitest';
import { createReplayGuard } from '../../src/slack/replay.ts';

it('the memory of replays is bounded, forgets what is over first, and keeps the newest', () => {
  const guard = createReplayGuard();
  for (let at = 0; at < 10_000; at++) expect(guard.firstHere(`old-${at}`, 100, 0)).toBe(true);
  for (let at = 0; at < 10_000; at++) expect(guard.firstHere(`new-${at}`, 1000, 0)).toBe(true);
  expect(guard.firstHere('one more', 1000, 200)).toBe(true);
  expect(guard.firstHere('new-0', 1000, 200)).toBe(false);
  expect(guard.firstHere('old-0', 1000, 200)).toBe(true);
  for (let at = 0; at < 20_000; at++) guard.firstHere(`newer-${at}`, 1000, 200);
  expect(guard.firstHere('newer-19999', 1000, 200)).toBe(false);
  expect(guard.firstHere('new-0', 1000, 200)).toBe(true);
});
