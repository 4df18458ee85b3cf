import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardOf } from '../../src/approvals/card.ts';
import { ANA, approvedStory, BEN, HOUR, MINUTE, NOON, policyOf, Story } from './samples.ts';

const EPOCH = NOON + 10 * MINUTE;
const restore = (story: Story, at = EPOCH) => story.on({ type: 'restored', epoch: EPOCH }, at);

describe('a restore of the store', () => {
  test('has an open request asked anew: no vote counts, its buttons have another nonce, its timers run', () => {
    const story = new Story({ quorum: 2, remindEveryMs: 5 * MINUTE, wait: true }).posted();
    story.vote(ANA, 'approve');
    story.click(BEN, 'approve');
    const { nonce, card, revision } = story.data;
    expect(restore(story)).toBeUndefined();
    expect(story.status).toBe('open');
    expect(story.data).toMatchObject({ votes: [], inbox: [], reminders: 0 });
    expect(story.data.card).toBeUndefined();
    expect(story.data.nonce).not.toBe(nonce);
    expect(story.data.nonce).toMatch(/^[\w-]{12}$/);
    expect(story.data.revision).toBeGreaterThan(revision);
    expect(story.data.restored).toEqual({ at: EPOCH, nonce, card, wasApproved: false });
    expect(story.todo).toEqual(['abandon', 'card', 'card_due', 'old_card', 'remind', 'timeout']);
    expect(story.dueIn('timeout')).toBe(HOUR + 4000);
    expect(story.dueIn('abandon')).toBe(13 * MINUTE);
    story.posted(EPOCH + 1);
    story.vote(ANA, 'approve');
    story.vote(BEN, 'approve', EPOCH + 2);
    expect(story.status).toBe('approved');
  });

  test('has an unused approval asked anew, for as long as it would have been good', () => {
    const story = approvedStory({ validForMs: 3 * HOUR });
    restore(story);
    expect(story.status).toBe('open');
    expect(story.claim()).toBe('not_approved');
    expect(story.data.decision).toBeUndefined();
    expect(story.todo).not.toContain('validity');
    expect(story.dueIn('timeout')).toBe(3 * HOUR + 4000);
    expect(JSON.stringify(cardOf(story.snapshot).blocks)).toContain(
      'approve again only what has not been used yet',
    );
    story.posted(EPOCH + 1);
    story.vote(BEN, 'approve', EPOCH + 2 * HOUR);
    expect(story.claim()).toBeUndefined();
    expect(story.claim({ build: 'another' })).toBe('taken');
  });

  test('asks anew also what many may use: it may have been taken back', () => {
    const story = approvedStory({ use: 'many' });
    story.claim();
    restore(story);
    expect(story.status).toBe('open');
    expect(story.data.claim).toBeUndefined();
  });

  test.each<readonly [string, () => Story]>([
    [
      'was used',
      () => {
        const story = approvedStory();
        story.claim();
        return story;
      },
    ],
    [
      'was denied',
      () => {
        const story = new Story().posted();
        story.vote(ANA, 'deny');
        return story;
      },
    ],
    [
      'timed out',
      () => {
        const story = new Story().posted();
        story.on({ type: 'time_out' }, NOON + HOUR);
        return story;
      },
    ],
    [
      'was withdrawn',
      () => {
        const story = new Story().posted();
        story.on({ type: 'supersede', newer: 'approval/b' });
        return story;
      },
    ],
    ['opens the one build that waited for it', () => approvedStory({ wait: true, forBuild: true })],
    ['was good until before the restore', () => approvedStory({ validForMs: MINUTE })],
  ])('leaves alone what %s', (_what, make) => {
    const story = make();
    const before = story.snapshot;
    expect(restore(story)).toBe('nothing');
    expect(story.snapshot).toEqual(before);
  });

  test('takes silence for no approval, also where the gate does: somebody may have denied it after the backup', () => {
    const story = new Story({ onTimeout: 'approve' }).posted();
    restore(story);
    story.on({ type: 'time_out' }, NOON + HOUR + 500);
    expect(story.status).toBe('timed_out');
  });

  test('says so in what is recorded, whatever the gate of now says', () => {
    const story = new Story({ onTimeout: 'approve' }).posted();
    story.policy = policyOf({ onTimeout: 'approve' });
    restore(story);
    expect(story.data.terms).toMatchObject({ onTimeout: 'deny' });
    expect(story.data.terms).not.toHaveProperty('present');
  });

  test('forgets lines that wait for Slack: they may be there, and are not about the new card', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.vote(ANA, 'approve');
    expect(story.todo).toContain('line:1');
    restore(story);
    expect(story.todo.filter((key) => key.startsWith('line:'))).toEqual([]);
  });

  test('gives Slack time for many cards at once, and says when it was not enough', () => {
    const story = new Story();
    restore(story);
    expect(story.dueIn('card_due')).toBe(10 * MINUTE + HOUR);
    story.on({ type: 'card_overdue' }, EPOCH + HOUR);
    expect(story.data.decision?.note).toBe('the card could not be posted within an hour');
  });

  test('after another has another nonce, and comes to the same one each time it is decided', () => {
    const [one, other] = [new Story(), new Story()];
    restore(one);
    restore(other);
    expect(one.data.nonce).toBe(other.data.nonce);
    other.on({ type: 'restored', epoch: EPOCH + 1 });
    expect(other.data.nonce).not.toBe(one.data.nonce);
    expect(other.data.restored?.nonce).toBe(one.data.nonce);
  });
});

test('whatever happened before, after a restore nothing is claimed that was not approved since', () => {
  const step = fc.oneof(
    fc
      .constantFrom(ANA, BEN)
      .chain((user) =>
        fc.constantFrom('approve', 'deny').map((vote) => ({ kind: 'vote', user, vote }) as const),
      ),
    fc.constantFrom('5000', '6000').map((build) => ({ kind: 'claim', build }) as const),
    fc
      .constantFrom('time_out', 'remind', 'validity_over', 'card_overdue')
      .map((type) => ({ kind: 'timer', type }) as const),
    fc.constant({ kind: 'withdraw' } as const),
  );
  const many = fc.array(fc.record({ step, after: fc.nat({ max: 20 * MINUTE }) }), { maxLength: 8 });
  fc.assert(
    fc.property(
      many,
      fc.constantFrom('once', 'many'),
      fc.constantFrom('deny', 'approve'),
      (steps, use, onTimeout) => {
        const story = new Story({ use, onTimeout, quorum: 1, validForMs: HOUR }).posted();
        for (const { step: one, after } of steps) {
          const at = story.now + after;
          if (one.kind === 'vote') story.vote(one.user, one.vote, at);
          if (one.kind === 'claim') story.claim({ build: one.build }, at);
          if (one.kind === 'timer') story.on({ type: one.type }, at);
          if (one.kind === 'withdraw') story.on({ type: 'withdraw', by: undefined, why: 'enough' }, at);
        }
        const used = story.data.claim?.build;
        restore(story, story.now + 1);
        // The build that had used it before the backup may ask again.
        for (const build of ['5000', '6000', '7000'])
          expect(story.claim({ build }) === 'nothing').toBe(
            use === 'once' && story.status === 'approved' && used?.endsWith(`#${build}`) === true,
          );
        story.on({ type: 'time_out' }, NOON + 9 * HOUR);
        expect(story.claim({ build: '8000' })).toBeDefined();
      },
    ),
  );
});
