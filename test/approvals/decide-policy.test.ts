import { describe, expect, test } from 'vitest';
import { cardOf } from '../../src/approvals/card.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import { underPolicy } from '../../src/approvals/tighten.ts';
import { viewOf } from '../../src/approvals/view.ts';
import { ANA, BEN, CEM, HOUR, MINUTE, NOON, Story, policyOf, tsOf, wordOf } from './samples.ts';

const END = NOON + HOUR;

function gateOf(change: Partial<GatePolicy>): GatePolicy {
  return policyOf({ allowSelf: true, ...change });
}

function linesOf(story: Story): readonly unknown[] {
  return story.snapshot.effects.flatMap(({ key, data }) => (key.startsWith('line:') ? [data] : []));
}

/** The card as it is drawn under the story's policy. */
function shown(story: Story): string {
  const { policy, data, snapshot } = story;
  const now = policy === 'gone' ? undefined : policy;
  return JSON.stringify(
    cardOf({ ...snapshot, data: policy === undefined ? data : underPolicy(data, wordOf(now)) }),
  );
}

describe('a vote of somebody who may decide no longer', () => {
  test('leaves the count when another vote would decide with it, and the thread says so (A11)', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.vote(ANA, 'approve');
    story.mayNot = [ANA];
    story.vote(BEN, 'approve', NOON + 1, 'looks right');
    expect(story.status).toBe('open');
    expect(story.data.votes.map(({ user }) => user)).toEqual([BEN]);
    expect(linesOf(story)).toMatchObject([
      { kind: 'vote' },
      { kind: 'dropped', facts: { users: [ANA] } },
      { kind: 'vote', facts: { user: BEN, count: 1, quorum: 2 } },
    ]);
    story.vote(CEM, 'approve', NOON + 2);
    expect([story.status, story.data.decision?.by.map(({ user }) => user)]).toEqual(['approved', [BEN, CEM]]);
  });

  test('leaves the count of denials as well', () => {
    const story = new Story({ denyQuorum: 2 }).posted();
    story.vote(ANA, 'deny');
    story.mayNot = [ANA];
    story.vote(BEN, 'deny', NOON + 1);
    expect([story.status, story.data.votes.length]).toEqual(['open', 1]);
  });

  test('is counted against it while nobody knows, and never for it', () => {
    const roll = { may: [], mayNot: [] };
    const second = (vote: 'approve' | 'deny') => {
      const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
      story.vote(ANA, vote);
      const ballot = { user: BEN, name: 'ben', vote, at: NOON + 1, actionTs: tsOf(NOON + 1) };
      return [story.on({ type: 'vote', ballot, roll }, NOON + 1), story.status, story.data.votes.length];
    };
    expect(second('deny')).toEqual([undefined, 'denied', 2]);
    expect(second('approve')).toEqual(['recheck', 'open', 1]);
  });

  test('is no reason to lose a click that waits: it is looked up again with the newest votes', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.click(BEN, 'approve');
    const before = story.roll;
    story.vote(ANA, 'approve', NOON + 1);
    story.done('resolve');
    const verdict = { eligible: true, name: 'ben', roll: before } as const;
    const event = { type: 'resolved', user: BEN, actionTs: tsOf(NOON), verdict } as const;
    expect(story.on(event, NOON + 2)).toBeUndefined();
    expect([story.status, story.data.inbox.length, story.todo.includes('resolve')]).toEqual([
      'open',
      1,
      true,
    ]);
    story.resolve(BEN, NOON, true, NOON + 3);
    expect(story.status).toBe('approved');
  });
});

describe('a quorum that was raised', () => {
  test('is the one that counts, on the card, in the thread and for the build', () => {
    const story = new Story({ quorum: 1 }).posted();
    story.policy = gateOf({ quorum: 2 });
    story.vote(ANA, 'approve');
    expect([story.status, story.data.terms.quorum]).toEqual(['open', 1]);
    expect(linesOf(story)).toMatchObject([{ kind: 'vote', facts: { count: 1, quorum: 2 } }]);
    expect(shown(story)).toContain('*1 of 2*');
    story.vote(BEN, 'approve', NOON + 1);
    expect(story.status).toBe('approved');
    expect(viewOf(story.snapshot, NOON + 2)).toMatchObject({ votes: 2, quorum: 2 });
    // What is decided later at the gate changes nothing about this one.
    story.policy = gateOf({ quorum: 5 });
    const data = underPolicy(story.data, wordOf(gateOf({ quorum: 5 })));
    expect(viewOf({ ...story.snapshot, data }, NOON + 2)).toMatchObject({ status: 'approved', quorum: 2 });
  });

  test('and lowered again lets the same vote decide', () => {
    const story = new Story({ quorum: 1 }).posted();
    story.policy = gateOf({ quorum: 2 });
    story.vote(ANA, 'approve');
    expect(story.vote(ANA, 'approve', NOON + 1)).toBe('duplicate');
    story.policy = gateOf({ quorum: 1 });
    expect(story.vote(ANA, 'approve', NOON + 2)).toBeUndefined();
    expect(story.status).toBe('approved');
  });

  test('does not fall below the one of the opening', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.policy = gateOf({ quorum: 1 });
    story.vote(ANA, 'approve');
    expect(story.status).toBe('open');
    story.on({ type: 'remind' });
    expect(story.refusals.at(-1)).toEqual({ code: 'nothing' });
  });

  test('is what a reminder counts', () => {
    const story = new Story({ quorum: 1, remindEveryMs: MINUTE }).posted();
    story.policy = gateOf({ quorum: 3 });
    story.vote(ANA, 'approve');
    story.on({ type: 'remind' }, NOON + MINUTE);
    expect(linesOf(story).at(-1)).toMatchObject({ kind: 'reminder', facts: { missing: 2 } });
  });
});

describe('fewer denials that are asked for', () => {
  test('deny with the next vote, whichever it is, and for the reasons of those who denied', () => {
    const story = new Story({ denyQuorum: 2 }).posted();
    story.vote(ANA, 'deny', NOON, 'not today');
    story.policy = gateOf({ denyQuorum: 1 });
    story.vote(BEN, 'approve', NOON + 1, 'go');
    expect(story.status).toBe('denied');
    expect(story.data.decision).toMatchObject({ by: [{ user: ANA }], reason: 'not today' });
    expect(linesOf(story).at(-1)).toMatchObject({
      kind: 'denied',
      facts: { users: [ANA], reason: undefined },
    });
  });

  test('are not overlooked when time approves', () => {
    const story = new Story({ denyQuorum: 2, onTimeout: 'approve' }).posted();
    story.vote(ANA, 'deny');
    story.policy = gateOf({ denyQuorum: 1, onTimeout: 'approve' });
    story.on({ type: 'time_out' }, END);
    expect([story.status, story.data.decision?.note]).toEqual([
      'timed_out',
      'as many have denied it as its gate now asks for: treated as denied',
    ]);
  });
});

test('silence no longer approves when the gate says so by now', () => {
  const story = new Story({ onTimeout: 'approve' }).posted();
  story.policy = gateOf({ onTimeout: 'deny' });
  story.on({ type: 'time_out' }, END);
  expect(story.status).toBe('timed_out');
});

test('the requester no longer approves when the gate says so by now (A10)', () => {
  const story = new Story({ requester: ANA }).posted();
  story.policy = gateOf({ allowSelf: false });
  expect(story.vote(ANA, 'approve')).toBe('excluded');
  expect(shown(story)).toContain(`not <@${ANA}>`);
  story.policy = gateOf({ allowSelf: true });
  expect(story.vote(ANA, 'approve', NOON + 1)).toBeUndefined();
});

test('a vote without a reason is refused when the gate asks for one by now, also one that waits', () => {
  const story = new Story().posted();
  story.click(BEN, 'approve');
  story.policy = gateOf({ requireReason: 'always' });
  expect(story.vote(ANA, 'approve')).toBe('no_reason');
  story.resolve(BEN, NOON, true, NOON + 1);
  expect([story.data.votes, story.data.inbox]).toEqual([[], []]);
  expect(story.vote(ANA, 'approve', NOON + 2, 'looks right')).toBeUndefined();
  expect(story.status).toBe('approved');
});

describe('a request at a gate that is gone', () => {
  test('is decided by nobody, and its card says so', () => {
    const story = new Story({ denyQuorum: 2 }).posted();
    story.policy = 'gone';
    expect(story.vote(ANA, 'approve')).toBe('gate_gone');
    expect(story.vote(ANA, 'deny', NOON + 1)).toBe('gate_gone');
    expect(story.click(ANA, 'deny', NOON + 2)).toBe('gate_gone');
    expect(story.on({ type: 'override', operator: 'dana', reason: 'Slack is down' })).toBe('gate_gone');
    expect(shown(story)).toContain('its gate is no longer configured: nobody can decide');
  });

  test('is denied by time, also where silence approved, and says why', () => {
    const story = new Story({ onTimeout: 'approve' }).posted();
    story.policy = 'gone';
    story.on({ type: 'time_out' }, END);
    expect([story.status, story.data.decision?.note]).toEqual([
      'timed_out',
      'its gate is no longer configured, so nobody could decide: treated as denied',
    ]);
  });

  test('can be withdrawn by its pipeline, and decided once the gate is back', () => {
    const story = new Story().posted();
    story.policy = 'gone';
    story.vote(ANA, 'approve');
    story.policy = undefined;
    expect(story.vote(ANA, 'approve', NOON + 1)).toBeUndefined();
    const other = new Story().posted();
    other.policy = 'gone';
    other.on({ type: 'withdraw', by: undefined, why: 'by the pipeline', whileOpen: true });
    expect([story.status, other.status]).toEqual(['approved', 'withdrawn']);
  });
});

test('the card names the list of the opening and the one of now', () => {
  const story = new Story().posted();
  story.policy = gateOf({ approvers: [BEN, CEM] });
  expect(shown(story)).toContain(`<!subteam^S0GROUP0001> · who are still in <@${BEN}>, <@${CEM}>`);
});
