import { describe, expect, test } from 'vitest';
import { cardOf } from '../../src/approvals/card.ts';
import { ANA as ANA_HERE, BEN as BEN_HERE, DEE, withApprovals } from '../support/approvals-world.ts';
import { ANA, BEN, HOUR, MINUTE, NOON, policyOf, Story } from './samples.ts';

const END = NOON + HOUR;
const SETTLED = END + 4000;

/** A request that silence approves after an hour. */
function silent(posted = NOON + 1000): Story {
  return new Story({ onTimeout: 'approve', requireReason: 'deny', denyQuorum: 2 }).posted(posted);
}

function over(story: Story, servingSince: number, at = SETTLED): Story {
  story.on({ type: 'time_out', servingSince }, at);
  return story;
}

describe('silence at a gate that approves by timeout', () => {
  test('approves where the listener has served for ten minutes', () => {
    expect(over(silent(), NOON).status).toBe('approved');
    expect(over(silent(), SETTLED - 10 * MINUTE).status).toBe('approved');
  });

  test('puts the end off where the listener has not, and people can deny until then', () => {
    const back = END - MINUTE;
    const story = over(silent(), back);
    expect([story.status, story.data.terms.endsAt, story.data.firstEnd]).toEqual([
      'open',
      back + 10 * MINUTE,
      END,
    ]);
    expect(story.dueIn('timeout')).toBe(back + 10 * MINUTE + 4000 - NOON);
    expect(story.todo).toContain('card');
    expect(story.vote(BEN, 'deny', END + 8 * MINUTE, 'no')).toBeUndefined();
    expect(story.vote(ANA, 'deny', END + 8 * MINUTE, 'no')).toBeUndefined();
    expect(story.status).toBe('denied');
  });

  test('approves at the end that was put off where nobody has denied by then', () => {
    const back = END - MINUTE;
    const story = over(silent(), back);
    expect(over(story, back, story.data.terms.endsAt + 4000).status).toBe('approved');
  });

  test('denies where the listener was never there for long enough, within an hour', () => {
    const story = silent();
    let at = SETTLED;
    for (let turn = 0; story.status === 'open'; turn++) {
      expect(turn).toBeLessThan(20);
      over(story, at - MINUTE, at);
      at = NOON + (story.dueIn('timeout') ?? 0);
    }
    expect(story.status).toBe('timed_out');
    expect(at - END).toBeLessThanOrEqual(HOUR + 4000);
    expect(story.data.decision?.note).toContain('nobody could have denied it in time');
  });

  test('denies at once where the listener comes back long after the end', () => {
    expect(over(silent(), END + HOUR, END + HOUR).status).toBe('timed_out');
  });

  test('gives a short request all of its time with its card', () => {
    const story = new Story({ onTimeout: 'approve', endsAt: NOON + 2 * MINUTE }).posted(NOON + 50_000);
    over(story, NOON - HOUR, NOON + 2 * MINUTE + 4000);
    expect(story.data.terms.endsAt).toBe(NOON + 2 * MINUTE + 50_000);
    over(story, NOON - HOUR, NOON + 2 * MINUTE + 54_000);
    expect(story.status).toBe('approved');
  });

  test('does not approve while the card is being posted anew', () => {
    const story = silent();
    story.on({ type: 'card_gone' }, END - 1);
    expect(over(story, NOON).data.terms.endsAt).toBe(SETTLED + 10 * MINUTE);
  });

  test('stays put off when the policy of the gate is read anew', () => {
    const story = silent();
    story.policy = policyOf({ onTimeout: 'approve' });
    over(story, END - MINUTE);
    expect([story.status, story.data.terms.endsAt]).toEqual(['open', END + 9 * MINUTE]);
  });
});

describe('a denial that was begun', () => {
  const begun = () => {
    const story = silent();
    expect(story.on({ type: 'doubt', user: BEN, at: END - 1 }, END - 1)).toBeUndefined();
    return story;
  };

  test('and never finished keeps the gate shut, and the card says why', () => {
    const story = over(begun(), NOON);
    expect([story.status, story.data.decision?.note]).toEqual([
      'timed_out',
      'somebody began to deny it: treated as denied',
    ]);
    expect(cardOf(story.snapshot).text).toContain('somebody began to deny it');
  });

  test('and finished is a vote like any other', () => {
    const story = begun();
    story.vote(BEN, 'deny', END - 1, 'not today');
    expect(story.data.doubts).toEqual([]);
    expect(over(story, NOON).status).toBe('approved');
  });

  test('is taken back by a vote to approve, also by the one that was given before', () => {
    const story = new Story({ onTimeout: 'approve', quorum: 2 }).posted();
    story.vote(BEN, 'approve', NOON + 1);
    story.on({ type: 'doubt', user: BEN, at: NOON + 2 }, NOON + 2);
    expect(story.vote(BEN, 'approve', NOON + 3)).toBeUndefined();
    expect(over(story, NOON).status).toBe('approved');
  });

  test('is noted once for each person, thirty in all, not from the barred, and not after the end', () => {
    const story = new Story({ onTimeout: 'approve', excluded: [ANA] }).posted();
    const doubt = (user: string, at = NOON) => story.on({ type: 'doubt', user, at }, at);
    expect([doubt(BEN), doubt(BEN), doubt(ANA), doubt('U0LATE', END)]).toEqual([
      undefined,
      'nothing',
      'nothing',
      'late',
    ]);
    for (let person = 1; person < 30; person++) expect(doubt(`U0P${person}`)).toBeUndefined();
    expect(doubt('U0ONEMORE')).toBe('nothing');
  });

  test('is nothing where silence denies', () => {
    const story = new Story().posted();
    expect(story.on({ type: 'doubt', user: BEN, at: NOON }, NOON)).toBe('nothing');
  });

  test('is what a click comes to that is thrown away because Slack does not explain it', () => {
    for (const vote of ['deny', 'approve'] as const) {
      const story = new Story({ onTimeout: 'approve' }).posted();
      story.click(BEN, vote, NOON + 1);
      const verdict = { eligible: false, why: 'no answer', unsure: true } as const;
      const { actionTs = '' } = story.data.inbox[0] ?? {};
      story.on({ type: 'resolved', user: BEN, actionTs, verdict }, NOON + MINUTE);
      expect(over(story, NOON).status).toBe(vote === 'deny' ? 'timed_out' : 'approved');
    }
  });
});

const gates = {
  release: { onTimeout: 'approve', requireReason: 'deny', maxTimeoutMs: 30 * MINUTE },
} as const;

test('a Deny whose form is not submitted in time keeps the gate shut, and its person reads so', () =>
  withApprovals(
    async ({ ask, click, becomes, pass, slack, thread, shows }) => {
      const { id, card } = await ask();
      const clicked = await click(card, 'Deny', BEN_HERE);
      const form = await slack.when(() => clicked.modal);
      await slack.when(() => thread(card).some((line) => line.includes('began to deny it')));
      await pass(31 * MINUTE);
      expect(await becomes(id, 'timed_out')).toMatchObject({
        note: 'somebody began to deny it: treated as denied',
      });
      const answer = await slack.submit(form, { values: { reason: 'broken' } });
      expect(JSON.stringify(answer)).toContain('Already timed out');
      await shows(card, 'somebody began to deny it');
    },
    { gates },
  ));

test('a Deny of somebody who may not decide does not', () =>
  withApprovals(
    async ({ ask, click, becomes, pass, told, thread }) => {
      const { id, card } = await ask();
      expect(await told(await click(card, 'Deny', DEE))).toContain('not one of those who may decide');
      await pass(31 * MINUTE);
      expect(await becomes(id, 'approved')).toMatchObject({ note: 'by timeout, as the gate says' });
      expect(thread(card).filter((line) => line.includes('began to deny'))).toEqual([]);
    },
    { gates },
  ));

test('a request that ran out while the listener was away is still open when it is back, and can be denied', () =>
  withApprovals(
    async ({ ask, click, becomes, restart, shows, slack, thread, view, clock }) => {
      const { id, card } = await ask();
      await restart(31 * MINUTE);
      await slack.when(() => thread(card).some((line) => line.includes('nobody could have denied it')));
      const { status, ends_at: ends } = await view(id);
      expect(status).toBe('requested');
      expect(Date.parse(String(ends)) - clock.now()).toBeGreaterThan(9 * MINUTE);
      await shows(card, 'Deny');
      const clicked = await click(card, 'Deny', ANA_HERE);
      await slack.submit(await slack.when(() => clicked.modal), { values: { reason: 'broken' } });
      expect(await becomes(id, 'denied')).toMatchObject({ approvers: ['ana'] });
    },
    { gates },
  ));

test('a request that ran out while the listener was away approves itself only after people had their time', () =>
  withApprovals(
    async ({ ask, becomes, restart, pass, view, slack, thread }) => {
      const { id, card } = await ask();
      await restart(31 * MINUTE);
      await slack.when(() => thread(card).some((line) => line.includes('nobody could have denied it')));
      await pass(9 * MINUTE);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      await pass(2 * MINUTE);
      await becomes(id, 'approved');
    },
    { gates },
  ));
