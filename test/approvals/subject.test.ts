import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Subject, SubjectEvent } from '../../src/approvals/subject.ts';
import { subjectId, subjectMachine } from '../../src/approvals/subject.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { NOON, ORIGIN, termsOf } from './samples.ts';

type Asked = Omit<SubjectEvent, 'type'>;

const machine = subjectMachine(() => Promise.resolve());

/** Who is withdrawn for whom, when requests come to the record in this order. */
function withdrawn(...asked: readonly Asked[]): Record<string, string> {
  const found: Record<string, string> = {};
  let current: Snapshot<Subject> | undefined;
  for (const each of asked) {
    const change = machine.decide(current, { type: 'opened', ...each }, NOON);
    if ('refused' in change) continue;
    for (const wish of change.schedule ?? [])
      if ('data' in wish) found[wish.key.slice('withdraw:'.length)] = String(wish.data?.['newer']);
    current = {
      id: 'subject/a',
      version: 1,
      status: change.status,
      data: change.data,
      effects: [],
      createdAt: NOON,
      updatedAt: NOON,
    };
  }
  return found;
}

const asked = (id: string, at: number, supersedes = true): Asked => ({ id, at, supersedes });

describe('requests on one subject', () => {
  test('leave the newest, whichever comes to the record first', () => {
    const [a, b, c] = [asked('a', 1), asked('b', 2), asked('c', 3)];
    for (const order of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ])
      expect(Object.keys(withdrawn(...order)).toSorted()).toEqual(['a', 'b']);
  });

  test('of one moment leave one', () => {
    expect(withdrawn(asked('a', 1), asked('b', 1))).toEqual({ a: 'b' });
    expect(withdrawn(asked('b', 1), asked('a', 1))).toEqual({ a: 'b' });
  });

  test('stay beside each other where they do not supersede, until one does', () => {
    const [a, b] = [asked('a', 1, false), asked('b', 2, false)];
    expect(withdrawn(a, b)).toEqual({});
    expect(withdrawn(a, b, asked('c', 3))).toEqual({ a: 'c', b: 'c' });
    expect(withdrawn(asked('c', 3), b, asked('d', 4, false))).toEqual({ b: 'c' });
  });

  test('that come twice are known', () => {
    expect(withdrawn(asked('a', 1), asked('a', 1))).toEqual({});
  });

  test('never withdraw the newest, in any order, repeated or not', () => {
    const all = fc.uniqueArray(
      fc.record({ id: fc.stringMatching(/^[0-9a-f]{1,24}$/), at: fc.nat(5), supersedes: fc.boolean() }),
      {
        selector: ({ id }) => id,
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(all, fc.nat(), (given, seed) => {
        const order = given.toSorted(
          (a, b) => ((a.id.length * 7 + seed) % 5) - ((b.id.length * 7 + seed) % 5),
        );
        const inTime = given.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
        const last = inTime.findLastIndex(({ supersedes }) => supersedes);
        const expected = inTime.slice(0, Math.max(last, 0)).map(({ id }) => id);
        expect(Object.keys(withdrawn(...order, ...order)).toSorted()).toEqual(expected.toSorted());
      }),
    );
  });
});

test('a subject is one token’s and one pipeline’s: nobody withdraws another team’s request (C25)', () => {
  const all = [
    {},
    { token: 'ci-other' },
    { gate: 'other' },
    { subject: 'other' },
    { origin: { ...ORIGIN, team: 'other' } },
    { origin: { ...ORIGIN, pipeline: 'other' } },
    { origin: { ...ORIGIN, instance_vars: '{"env":"dev"}' } },
  ].map((change) => subjectId(termsOf({ subject: 'app', ...change })));
  expect(new Set(all).size).toBe(all.length);
});
