import { expect, test } from 'vitest';
import { MOST_SLOTS, slotsMachine } from '../../src/approvals/slots.ts';
import type { Slot, Slots, SlotsEvent } from '../../src/approvals/slots.ts';
import { NOON } from './samples.ts';

const idOf = (number: number) => number.toString(16).padStart(24, '0');
const subjectOf = (number: number) => `subject/${number.toString(16).padStart(32, '0')}`;

/** The record after these events; what each came to. */
function after(events: readonly SlotsEvent[]) {
  let data: Slots = { taken: [] };
  const came = events.map((event) => {
    const snapshot = { id: 'slots/gate/release', version: 1, status: 'open', data, effects: [] };
    const change = slotsMachine.decide({ ...snapshot, createdAt: NOON, updatedAt: NOON }, event, NOON);
    if ('refused' in change) return change.refused;
    data = change.data;
    return 'done';
  });
  return { came, ids: data.taken.map(({ id }) => id), data };
}

function take(id: string, most: number, more: Partial<Slot> = {}): SlotsEvent {
  return { type: 'take', slot: { id, at: NOON, ...more }, most };
}

test('a place is taken once and given back once, and what is unknown changes nothing', () => {
  const leave: SlotsEvent = { type: 'leave', ids: ['a'] };
  const { came, ids } = after([take('a', 2), take('a', 2), take('b', 2), take('c', 2), leave, leave]);
  expect(came).toEqual(['done', 'known', 'done', 'full', 'done', 'known']);
  expect(ids).toEqual(['b']);
});

test('a superseded request counts no more, and counts again when the newer one is gone before it', () => {
  const about = { subject: 's', supersedes: true };
  const { came } = after([
    take('old', 1, { subject: 's', supersedes: false }),
    take('new', 1, about),
    take('other', 1),
    { type: 'leave', ids: ['new'] },
    take('other', 1),
    { type: 'leave', ids: ['old'] },
    take('other', 1),
  ]);
  expect(came).toEqual(['done', 'done', 'full', 'done', 'full', 'done', 'done']);
});

test('where the limit was lowered, a newer request still takes the place of its older one', () => {
  const about = { subject: 's', supersedes: true };
  expect(after([take('a', 3, about), take('b', 3), take('c', 1, about), take('d', 1)]).came).toEqual([
    'done',
    'done',
    'done',
    'full',
  ]);
});

test('the largest record fits into the size of a record, and takes no further request', () => {
  const all = Array.from({ length: MOST_SLOTS + 1 }, (_, at) =>
    take(idOf(at), MOST_SLOTS, { subject: subjectOf(0), supersedes: true }),
  );
  const { came, data } = after(all);
  expect(came.filter((each) => each === 'done')).toHaveLength(MOST_SLOTS);
  expect(came.at(-1)).toBe('full');
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(64 * 1024);
});
