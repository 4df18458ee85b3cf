import { expect, test } from 'vitest';
import { createLanes } from '../../src/durable/lanes.ts';

test('a share of a lane holds a quarter of its places, and is told when it has one again', () => {
  let freed = 0;
  const lanes = createLanes(8, () => freed++);
  expect([1, 2, 3].map(() => lanes.tryEnter('slack/C1'))).toEqual([true, true, false]);
  expect([lanes.hasPlace('slack/C1'), lanes.hasPlace('slack/C2'), lanes.hasPlace('slack')]).toEqual([
    false,
    true,
    true,
  ]);
  lanes.leave('slack/C1');
  expect([freed, lanes.running(), lanes.tryEnter('slack/C1')]).toEqual([1, 1, true]);
});

test('shares together hold no more than their lane, and a free place of one is a place for all', () => {
  let freed = 0;
  const lanes = createLanes(8, () => freed++);
  for (const channel of ['C1', 'C2', 'C3']) for (const _ of [1, 2]) lanes.tryEnter(`slack/${channel}`);
  expect([1, 2, 3].map(() => lanes.tryEnter('slack'))).toEqual([true, true, false]);
  expect([lanes.tryEnter('slack/C4'), lanes.tryEnter('store')]).toEqual([false, true]);
  lanes.leave('slack/C1');
  expect([freed, lanes.tryEnter('slack/C4'), lanes.hasPlace('slack')]).toEqual([1, true, false]);
});

test('a lane of one place has one for each share', async () => {
  const lanes = createLanes(1, () => undefined);
  expect([lanes.tryEnter('slack/C1'), lanes.tryEnter('slack/C2')]).toEqual([true, false]);
  lanes.leave('slack/C1');
  await lanes.idle();
  expect(lanes.tryEnter('slack/C2')).toBe(true);
});
