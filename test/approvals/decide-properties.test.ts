import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { votesAgainst, votesFor } from '../../src/approvals/record.ts';
import type { Terms } from '../../src/approvals/record.ts';
import { HOUR, MINUTE, NOON, Story, termsOf } from './samples.ts';

const PEOPLE = ['U0ANA000001', 'U0BEN000001', 'U0CEM000001', 'U0DEE000001', 'U0BARRED001'] as const;
const BARRED = 'U0BARRED001';
const END = NOON + HOUR;

const user = fc.constantFrom(...PEOPLE);
const vote = fc.constantFrom('approve' as const, 'deny' as const);
/** Anywhere from before the request to after the end of an approval. */
const time = fc.oneof(
  fc.integer({ min: NOON - MINUTE, max: END + 30 * HOUR }),
  fc.integer({ min: END - 3, max: END + 3 }),
  fc.constantFrom(NOON, END, END + 500, END + MINUTE, NOON + 2 * MINUTE),
);
const reason = fc.option(fc.string({ unit: 'grapheme', maxLength: 1000 }), { nil: undefined });

type Step = (story: Story) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(user, vote, time, reason).map(
      (all): Step =>
        (story) =>
          void story.vote(...all),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(user, vote, time, reason).map(
      (all): Step =>
        (story) =>
          void story.click(...all),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), fc.boolean(), time).map(
      ([which, eligible, at]): Step =>
        (story) => {
          const { inbox } = story.data;
          const click = inbox[which % Math.max(inbox.length, 1)];
          if (click !== undefined) story.resolve(click.user, click.at, eligible, at);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(3), time).map(
      ([build, at]): Step =>
        (story) =>
          void story.claim({ build: `${build}` }, at),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          { type: 'time_out' } as const,
          { type: 'remind' } as const,
          { type: 'held' } as const,
          { type: 'detach', why: 'SIGTERM' } as const,
          { type: 'abandon', servingSince: NOON - HOUR } as const,
          { type: 'validity_over' } as const,
          { type: 'card_gone' } as const,
          { type: 'card_overdue' } as const,
          { type: 'card_posted', channel: 'C0RELEASES1', ts: '1.1' } as const,
          { type: 'supersede', newer: 'approval/b' } as const,
          { type: 'withdraw', by: undefined, why: 'not needed' } as const,
        ),
        time,
      )
      .map(
        ([event, at]): Step =>
          (story) =>
            void story.on(event, at),
      ),
  },
);

const terms: fc.Arbitrary<Partial<Terms>> = fc.record({
  quorum: fc.integer({ min: 1, max: 3 }),
  denyQuorum: fc.integer({ min: 1, max: 2 }),
  onTimeout: fc.constantFrom('deny' as const, 'approve' as const),
  use: fc.constantFrom('once' as const, 'many' as const),
  wait: fc.boolean(),
  forBuild: fc.constantFrom(undefined, true),
  remindEveryMs: fc.constantFrom(undefined, MINUTE),
  excluded: fc.constant([BARRED]),
});

/** What must hold whatever happens. */
function check(story: Story, before: { status: string }): void {
  const { status, data } = story;
  const [pro, contra] = [votesFor(data), votesAgainst(data)];
  const { quorum, denyQuorum, endsAt, forBuild, use } = data.terms;
  const may = before.status === 'open' || before.status === status;
  expect(may || (before.status === 'approved' && ['expired', 'withdrawn'].includes(status))).toBe(true);
  // Those who claim here are other builds than the one that asked.
  if (forBuild === true && use === 'once') expect(data.claim).toBeUndefined();
  if (forBuild === true) expect(story.todo.filter((key) => key.startsWith('publish'))).toEqual([]);
  if (status === 'open') {
    expect(pro.length).toBeLessThan(quorum);
    expect(contra.length).toBeLessThan(denyQuorum);
  }
  if (status === 'denied') expect(contra.length).toBeGreaterThanOrEqual(denyQuorum);
  if (status === 'approved' && data.decision?.by.length !== 0)
    expect(pro.length).toBeGreaterThanOrEqual(quorum);
  if (status === 'approved' && data.decision?.by.length === 0) expect(data.terms.onTimeout).toBe('approve');
  expect(new Set(data.votes.map((each) => each.user)).size).toBe(data.votes.length);
  expect(data.votes.every((each) => each.user !== BARRED && each.at < endsAt)).toBe(true);
  expect(data.inbox.every((each) => each.user !== BARRED && each.at < endsAt)).toBe(true);
}

describe('whatever happens to a request, at whatever times', () => {
  test('its state follows the table, and its votes are those of the allowed, each once, in time (A4, A10)', () => {
    fc.assert(
      fc.property(terms, fc.array(step, { maxLength: 40 }), (given, steps) => {
        const story = new Story(given);
        for (const act of steps) {
          const before = { status: story.status };
          act(story);
          check(story, before);
        }
      }),
      { numRuns: 600 },
    );
  });

  test('a clock that was set back makes no vote late that came in time', () => {
    const story = new Story({ quorum: 2, onTimeout: 'approve' });
    const { endsAt } = story.data.terms;
    story.vote('U0ANA000001', 'approve', endsAt - 1);
    story.on({ type: 'time_out' }, NOON);
    expect(story.data.terms.endsAt).toBe(endsAt);
    expect(story.status).toBe('open');
  });

  test('the order of two events at one moment makes nothing unsafe (A4)', () => {
    fc.assert(
      fc.property(terms, fc.array(step, { maxLength: 15 }), step, step, (given, steps, one, other) => {
        for (const pair of [
          [one, other],
          [other, one],
        ]) {
          const story = new Story(given);
          for (const act of [...steps, ...pair]) {
            const before = { status: story.status };
            act(story);
            check(story, before);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('at most one build claims it where one may (C26)', () => {
    const claims = fc.tuple(fc.nat(4), time).map(
      ([build, at]): Step =>
        (story) =>
          void story.claim({ build: `${build}` }, at),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(claims, step), { maxLength: 30 }), (steps) => {
        const story = new Story({ use: 'once', quorum: 1 });
        story.vote('U0ANA000001', 'approve');
        const builds = new Set<string>();
        for (const act of steps) {
          act(story);
          if (story.data.claim !== undefined) builds.add(story.data.claim.build);
        }
        expect(builds.size).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('nothing is left to be done for a request that has ended but what tells of it', () => {
    fc.assert(
      fc.property(terms, fc.array(step, { maxLength: 30 }), (given, steps) => {
        const story = new Story(given);
        for (const act of steps) act(story);
        const timers = ['timeout', 'remind', 'abandon', 'card_due', 'resolve'];
        if (story.status !== 'open') expect(story.todo.filter((key) => timers.includes(key))).toEqual([]);
        else expect(story.todo).toContain('timeout');
      }),
      { numRuns: 300 },
    );
  });
});

test('clicks that came in time are counted after it, in any order in which Slack explains them', () => {
  const clicks = fc.uniqueArray(fc.tuple(fc.nat(28), vote, fc.integer({ min: NOON, max: END - 1 })), {
    selector: ([person]) => person,
    minLength: 1,
    maxLength: 29,
  });
  fc.assert(
    fc.property(clicks, fc.nat(), (given, seed) => {
      const pro = given.filter(([, each]) => each === 'approve').length;
      const story = new Story({ quorum: Math.max(pro, 1), denyQuorum: 30 });
      for (const [person, each, at] of given) expect(story.click(`U0P${person}`, each, at)).toBeUndefined();
      story.on({ type: 'time_out' }, END + 500);
      expect(story.status).toBe('open');
      const order = given.toSorted(([a], [b]) => ((a * 7 + seed) % 31) - ((b * 7 + seed) % 31));
      for (const [person, , at] of order) story.resolve(`U0P${person}`, at, true, END + 1000);
      story.on({ type: 'time_out' }, END + 3000);
      expect(story.status).toBe(pro > 0 ? 'approved' : 'timed_out');
    }),
  );
});

test('its record stays below 64 KB whatever 20,000 clicks anybody makes while Slack is away', () => {
  const long = '承'.repeat(1000);
  const big = termsOf({
    quorum: 5,
    denyQuorum: 5,
    details: '承'.repeat(7000),
    context: { log: 'x'.repeat(14_000) },
  });
  const story = new Story({ ...big, content: 'x'.repeat(43), endsAt: END }).posted();
  expect(Buffer.byteLength(JSON.stringify(story.data.terms))).toBeLessThan(38_000);
  let largest = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const at = NOON + turn;
    const choice = turn % 3 === 0 ? 'approve' : 'deny';
    if (turn % 4 === 0) story.vote(`U0ELIGIBLE${turn % 3}`, choice, at, long);
    else if (turn % 4 === 1) story.click(`U0STRANGER${turn}`, choice, at, long);
    else if (turn % 4 === 2)
      story.click(`U0ELIGIBLE${turn % 3}`, choice, at, turn % 8 === 2 ? long : undefined);
    else story.click(`U0STRANGER${turn % 40}`, choice, at);
    if (turn % 500 === 0) largest = Math.max(largest, Buffer.byteLength(JSON.stringify(story.snapshot)));
  }
  expect(story.status).toBe('open');
  expect(story.data.inbox.length).toBeGreaterThan(5);
  expect(largest).toBeLessThan(64 * 1024);
  expect(largest).toBeGreaterThan(40_000);
});
