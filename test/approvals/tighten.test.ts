import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { narrow, raiseOf } from '../../src/approvals/narrow.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import { openedTerms, readApproval, validUntil, writeApproval } from '../../src/approvals/record.ts';
import type { Terms } from '../../src/approvals/record.ts';
import { tighten, underPolicy } from '../../src/approvals/tighten.ts';
import { mayDecideKnown } from '../../src/approvals/voters.ts';
import type { Directory } from '../../src/approvals/voters.ts';
import { fakeDirectory } from './directory.ts';
import {
  ANA,
  BEN,
  CEM,
  HOUR,
  MINUTE,
  NOON,
  Story,
  policyOf,
  requestOf,
  termsOf,
  tsOf,
  wordOf,
} from './samples.ts';

const PEOPLE = [ANA, BEN, CEM, 'U0DEE000001', 'U0EVE000001'] as const;
const VOTES = ['approve', 'approve', 'approve', 'approve', 'approve', 'deny'] as const;
const REASONS = ['never', 'deny', 'always'] as const;

/** Everybody is who they say, and known at once. */
const directory: Directory = {
  ...fakeDirectory(),
  known: (user, list) =>
    list.includes(user) ? { ok: true, name: user } : { ok: false, reason: 'not_listed' },
};

const people = fc.subarray([...PEOPLE], { minLength: 3 });
const count = fc.integer({ min: 1, max: 3 });
const reasons = fc.constantFrom(...REASONS);
const durations = fc.constantFrom(MINUTE, HOUR, 24 * HOUR);
const uses = fc.constantFrom('once' as const, 'many' as const);
const ends = fc.constantFrom('deny' as const, 'approve' as const);
const requesters = fc.option(fc.constantFrom(...PEOPLE), { nil: undefined });

const anyPolicy: fc.Arbitrary<GatePolicy> = fc
  .record({
    approvers: fc.oneof(people, fc.constant('from_pipeline' as const)),
    quorum: count,
    denyQuorum: count,
    allowSelf: fc.boolean(),
    onTimeout: ends,
    validForMs: durations,
    use: uses,
    requireReason: reasons,
    unknownRequester: fc.constantFrom('raise' as const, 'allow' as const),
  })
  .map((change) => policyOf(change));

const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    approvers: people,
    narrowed: fc.option(people, { nil: undefined }),
    quorum: count,
    denyQuorum: count,
    excluded: fc.subarray([...PEOPLE], { maxLength: 1 }),
    requester: requesters,
    raisedBy: fc.nat(1),
    unknown: fc.option(fc.nat(1), { nil: undefined }),
    requireReason: reasons,
    onTimeout: ends,
    validForMs: durations,
    use: uses,
  })
  .map((change) => termsOf(change));

function may(user: string, terms: Terms): boolean {
  return mayDecideKnown(user, terms, directory)?.ok === true;
}

function gateLets(user: string, { approvers, allowSelf }: GatePolicy, { requester }: Terms): boolean {
  return (allowSelf || user !== requester) && (approvers === 'from_pipeline' || approvers.includes(user));
}

function gateCount(policy: GatePolicy, { requester, unknown = 0 }: Terms): number {
  return policy.quorum + raiseOf(policy, requester, unknown);
}

describe('whatever the terms and the policy', () => {
  test('their sum allows what both allow, and nothing more (A11)', () => {
    fc.assert(
      fc.property(anyTerms, anyPolicy, (terms, policy) => {
        const now = tighten(terms, policy);
        for (const user of PEOPLE)
          expect(may(user, now)).toBe(may(user, terms) && gateLets(user, policy, terms));
        expect(now.quorum).toBe(Math.max(terms.quorum, gateCount(policy, terms)));
        expect(now.denyQuorum).toBe(Math.min(terms.denyQuorum, policy.denyQuorum));
        expect(now.validForMs).toBe(Math.min(terms.validForMs, policy.validForMs));
        expect(now.use === 'many').toBe(terms.use === 'many' && policy.use === 'many');
        expect(now.onTimeout === 'approve').toBe(
          terms.onTimeout === 'approve' && policy.onTimeout === 'approve',
        );
        const [was, is, wish] = [terms, now, policy].map((each) => REASONS.indexOf(each.requireReason));
        expect(is).toBe(Math.max(was ?? 9, wish ?? 9));
      }),
    );
  });

  test('what is asked, and what is recorded, stays as it was', () => {
    fc.assert(
      fc.property(anyTerms, fc.option(anyPolicy, { nil: undefined }), (terms, policy) => {
        const { data } = new Story(terms);
        const now = underPolicy(data, wordOf(policy));
        expect(openedTerms(now)).toBe(data.terms);
        expect(writeApproval(now)).toEqual(writeApproval(data));
        expect(JSON.stringify(writeApproval(now))).not.toContain('"present"');
        const { title, context, content, origin, endsAt, channel } = now.terms;
        expect({ title, context, content, origin, endsAt, channel }).toEqual({
          title: terms.title,
          context: terms.context,
          content: terms.content,
          origin: terms.origin,
          endsAt: terms.endsAt,
          channel: terms.channel,
        });
      }),
    );
  });

  test('nobody decides at a gate that is gone, and silence denies', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const now = tighten(terms, undefined);
        for (const user of PEOPLE)
          expect(mayDecideKnown(user, now, directory)).toEqual({ ok: false, reason: 'gate_gone' });
        expect(now.onTimeout).toBe('deny');
      }),
    );
  });

  test('a request under the policy that it was opened with has the terms that it was opened with', () => {
    const parties = fc.record({
      requester: requesters,
      barred: fc.subarray([...PEOPLE]),
      unknown: fc.subarray(['mallory', 'trent']),
    });
    fc.assert(
      fc.property(
        anyPolicy,
        parties,
        fc.option(fc.integer({ min: 4, max: 6 }), { nil: undefined }),
        (policy, who, quorum) => {
          const request = requestOf({
            ...(policy.approvers === 'from_pipeline' && { approvers: [ANA, BEN] }),
            ...(quorum && { quorum }),
          });
          const narrowed = narrow(request, policy, 'ci-main', who, NOON);
          if ('problems' in narrowed) throw new Error(narrowed.problems.join());
          const { present, ...now } = tighten(narrowed.terms, policy);
          expect(now).toEqual(narrowed.terms);
          expect(present).toEqual({ opened: narrowed.terms, gone: false, approvers: undefined });
        },
      ),
    );
  });
});

test('whom the configuration now takes for the requester does not approve, nor does whom it took then (A10)', () => {
  const { data } = new Story({ approvers: [ANA, BEN, CEM], requester: BEN });
  const people = { octocat: ANA };
  const deciders = (allowSelf: boolean) => {
    const { terms } = underPolicy(data, wordOf(policyOf({ allowSelf, approvers: [ANA, BEN, CEM] }), people));
    return PEOPLE.filter((user) => may(user, terms));
  };
  expect(deciders(false)).toEqual([CEM]);
  expect(deciders(true)).toEqual([ANA, BEN, CEM]);
});

describe('an approval', () => {
  test('runs out as early as its gate now says, and no later than it was said to', () => {
    const story = new Story({ validForMs: HOUR }).posted();
    story.vote(ANA, 'approve');
    const under = (validForMs: number) =>
      validUntil(underPolicy(story.data, wordOf(policyOf({ validForMs }))));
    expect([MINUTE, HOUR, 2 * HOUR].map(under)).toEqual([NOON + MINUTE, NOON + HOUR, NOON + HOUR]);
    story.policy = policyOf({ validForMs: MINUTE });
    expect(story.claim({}, NOON + MINUTE)).toBe('expired');
    story.policy = policyOf({ validForMs: 2 * HOUR });
    expect(story.claim({}, NOON + HOUR)).toBe('expired');
    expect(story.claim({}, NOON + HOUR - 1)).toBeUndefined();
  });

  test('that many builds might use is used once when its gate says so by now', () => {
    const story = new Story({ use: 'many' }).posted();
    story.vote(ANA, 'approve');
    expect(story.claim({ build: '1' })).toBeUndefined();
    expect(story.claim({ build: '2' })).toBeUndefined();
    story.policy = policyOf({ use: 'once' });
    expect(story.claim({ build: '3' })).toBe('taken');
    expect(story.claim({ build: '2' })).toBe('nothing');
    // As it would have run out before.
    expect(story.claim({ build: '2' }, NOON + 25 * HOUR)).toBe('expired');
  });

  test('of a gate that is gone is claimed by nobody', () => {
    const story = new Story().posted();
    story.vote(ANA, 'approve');
    story.policy = 'gone';
    expect(story.claim()).toBe('gate_gone');
    story.policy = undefined;
    expect(story.claim()).toBeUndefined();
  });
});

interface World {
  readonly story: Story;
  /** The gate now; undefined when it is gone. */
  policy: GatePolicy | undefined;
}

type Step = (world: World) => void;

/** A click as the listener takes it: who clicks and who has voted are looked up, and then it is counted, if nobody was faster. */
function click(user: string, vote: 'approve' | 'deny', isOutdated: boolean, { story, policy }: World): void {
  const { terms, votes } = underPolicy(story.data, wordOf(policy));
  if (!may(user, terms)) return;
  const others = votes.map((each) => each.user).filter((each) => each !== user);
  const called = isOutdated ? others.slice(0, -1) : others;
  const roll = {
    may: called.filter((each) => may(each, terms)),
    mayNot: called.filter((each) => !may(each, terms)),
  };
  const at = story.now + 1;
  const ballot = { user, name: user, vote, at, actionTs: tsOf(at), reason: 'looks right' };
  story.on({ type: 'vote', ballot, roll }, at);
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...VOTES), fc.boolean()).map(
      ([user, vote, isOutdated]): Step =>
        (world) =>
          click(user, vote, isOutdated, world),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.option(anyPolicy, { nil: undefined }).map(
      (policy): Step =>
        (world) => {
          world.policy = policy;
          world.story.policy = policy ?? 'gone';
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>(({ story }) => void story.on({ type: 'time_out' }, NOON + 2 * HOUR)),
  },
);

test('whoever approves may do so when it is decided, by the terms and by the gate, and enough of them do (A11)', () => {
  const seen = { alone: 0, together: 0, byTime: 0 };
  fc.assert(
    fc.property(
      anyTerms,
      anyPolicy,
      fc.array(step, { minLength: 10, maxLength: 30 }),
      (terms, policy, steps) => {
        const world: World = { story: new Story(terms).posted(), policy };
        const { story } = world;
        story.policy = policy;
        for (const act of steps) {
          if (story.status !== 'open') break;
          act(world);
        }
        const { decision } = story.data;
        if (story.status !== 'approved' || decision === undefined) return;
        const gate = world.policy;
        if (gate === undefined) throw new Error('approved at a gate that is gone');
        if (decision.by.length === 0) {
          seen.byTime += 1;
          expect([terms.onTimeout, gate.onTimeout]).toEqual(['approve', 'approve']);
          return;
        }
        const users = decision.by.map(({ user }) => user);
        seen[users.length > 1 ? 'together' : 'alone'] += 1;
        expect(new Set(users).size).toBe(users.length);
        expect(users.length).toBeGreaterThanOrEqual(Math.max(terms.quorum, gateCount(gate, terms)));
        for (const user of users)
          expect([user, may(user, terms), gateLets(user, gate, terms)]).toEqual([user, true, true]);
      },
    ),
    { numRuns: 3000, seed: 1 },
  );
  expect(seen.alone).toBeGreaterThan(100);
  expect(seen.together).toBeGreaterThan(100);
  expect(seen.byTime).toBeGreaterThan(30);
});

test('a record without what newer releases add is read as what it is', () => {
  const { terms, ...rest } = new Story({ raisedBy: 1, quorum: 2 }).data;
  const { unknown: _, ...older } = terms;
  const approval = underPolicy(readApproval({ ...rest, terms: older }), wordOf(policyOf()));
  expect(approval.terms).toMatchObject({ quorum: 2, raisedBy: 1 });
});
