import { describe, expect, test } from 'vitest';
import { CARD_ACTIONS, cardOf } from '../../src/approvals/card.ts';
import { decideApproval } from '../../src/approvals/decide.ts';
import {
  ANA,
  approvedStory,
  BEN,
  CEM,
  HOUR,
  MINUTE,
  NOON,
  ORIGIN,
  policyOf,
  Story,
  termsOf,
  tsOf,
} from './samples.ts';

const END = NOON + HOUR;

describe('a new request', () => {
  test('is open, and its card is to be posted within a minute', () => {
    const story = new Story();
    expect(story.status).toBe('open');
    expect(story.todo).toEqual(['card', 'card_due', 'timeout']);
    expect(story.dueIn('card_due')).toBe(MINUTE);
  });

  test('has timers for its reminders, its waiting put and its subject only where they are asked for', () => {
    const story = new Story({ remindEveryMs: 10 * MINUTE, wait: true, subject: 'app' });
    expect(story.todo).toEqual(['abandon', 'card', 'card_due', 'remind', 'supersede', 'timeout']);
    expect(story.dueIn('abandon')).toBe(3 * MINUTE);
  });

  test('is the same request with the same content, and refused with another', () => {
    const { snapshot } = new Story();
    const again = (content: string) =>
      decideApproval(snapshot, { type: 'open', terms: termsOf({ content }), nonce: 'other' }, NOON);
    expect(again('digest')).toEqual({ refused: { code: 'same_request' } });
    expect(again('other')).toEqual({ refused: { code: 'other_content' } });
  });

  test('that was never made refuses every event', () => {
    expect(decideApproval(undefined, { type: 'remind' }, NOON)).toEqual({ refused: { code: 'unknown' } });
  });
});

describe('the card', () => {
  test('when it is posted is known, and no longer due', () => {
    const story = new Story().posted();
    expect(story.data.card).toEqual({
      channel: 'C0RELEASES1',
      ts: '1767355200.000100',
      at: NOON,
    });
    expect(story.todo).toEqual(['permalink', 'timeout']);
  });

  test('that could not be posted for a minute withdraws the request, and says why', () => {
    const story = new Story();
    const failing = story.snapshot.effects.map((effect) =>
      effect.key === 'card' ? { ...effect, lastError: 'no answer from slack.com' } : effect,
    );
    story.snapshot = { ...story.snapshot, effects: failing };
    story.on({ type: 'card_overdue' }, NOON + MINUTE);
    expect(story.status).toBe('withdrawn');
    expect(story.data.decision?.note).toBe(
      'the card could not be posted within a minute: no answer from slack.com',
    );
  });

  test('that never can be posted withdraws the request at once', () => {
    const story = new Story();
    story.on({ type: 'card_refused', why: 'channel_not_found' });
    expect(story.status).toBe('withdrawn');
    expect(story.data.decision?.note).toBe('the card could not be posted to C0RELEASES1: channel_not_found');
  });

  test('that is posted when the request has ended is drawn anew', () => {
    const story = new Story();
    story.on({ type: 'withdraw', by: undefined, why: 'not needed' });
    story.done('card').on({ type: 'card_posted', channel: 'C0RELEASES1', ts: '1.1' });
    expect(story.todo).toContain('card');
  });

  test('that was deleted is posted anew while the request is open (A39)', () => {
    const story = new Story().posted();
    story.on({ type: 'card_gone' }, NOON + 5 * MINUTE);
    expect(story.data.card).toBeUndefined();
    expect(story.data.cardsLost).toBe(1);
    expect(story.todo).toEqual(['card', 'card_due', 'permalink', 'timeout']);
    expect(story.dueIn('card_due')).toBe(6 * MINUTE);
  });

  test('that was deleted when the request has ended is left alone (A39)', () => {
    const story = approvedStory().done('card', 'line', 'publish', 'leave');
    story.on({ type: 'card_gone' });
    expect(story.todo).toEqual(['permalink', 'validity']);
  });
});

describe('a vote', () => {
  test('approves at the quorum, and says until when it is valid', () => {
    const story = approvedStory();
    expect(story.status).toBe('approved');
    expect(story.data.decision).toMatchObject({
      by: [{ user: ANA, name: 'ana' }],
      at: NOON,
      validUntil: NOON + 24 * HOUR,
    });
    expect(story.todo).toEqual(['card', 'leave', 'line:1', 'permalink', 'publish', 'validity']);
  });

  test('below the quorum leaves the request open, and counts', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.vote(ANA, 'approve');
    expect([story.status, story.data.votes.length]).toEqual(['open', 1]);
    expect(story.todo).toEqual(['card', 'line:1', 'permalink', 'timeout']);
    story.vote(BEN, 'approve', NOON + MINUTE);
    expect(story.status).toBe('approved');
    expect(story.data.decision?.by.map(({ user }) => user)).toEqual([ANA, BEN]);
  });

  test('denies at the deny quorum, with its reason', () => {
    const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
    story.vote(ANA, 'deny', NOON, 'too late in the day');
    expect(story.status).toBe('open');
    story.vote(BEN, 'deny', NOON, 'not tested');
    expect(story.status).toBe('denied');
    expect(story.data.decision).toMatchObject({ reason: 'too late in the day / not tested' });
    expect(story.data.decision?.validUntil).toBeUndefined();
  });

  test('of one person counts once, however often they click (A3, C28)', () => {
    const story = new Story({ quorum: 2 }).posted();
    expect(story.vote(ANA, 'approve', NOON)).toBeUndefined();
    expect(story.vote(ANA, 'approve', NOON + 1)).toBe('duplicate');
    expect(story.vote(ANA, 'approve', NOON)).toBe('replayed');
    expect([story.status, story.data.votes.length]).toEqual(['open', 1]);
  });

  test('may be changed while the request is open, ten times', () => {
    const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
    for (let turn = 0; turn <= 10; turn++)
      expect(story.vote(ANA, turn % 2 === 0 ? 'approve' : 'deny', NOON + turn)).toBeUndefined();
    expect(story.vote(ANA, 'deny', NOON + 11)).toBe('changed_too_often');
    expect(story.data.votes).toMatchObject([{ user: ANA, vote: 'approve', changes: 10 }]);
  });

  test('that was changed to a denial takes the approval back', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.vote(ANA, 'approve');
    story.vote(ANA, 'deny', NOON + 1);
    expect(story.status).toBe('denied');
  });

  test('of somebody excluded never counts, for or against (S24)', () => {
    const story = new Story({ excluded: [ANA] }).posted();
    expect(story.vote(ANA, 'approve')).toBe('excluded');
    expect(story.vote(ANA, 'deny', NOON + 1)).toBe('excluded');
    expect(story.click(ANA, 'deny', NOON + 2)).toBe('excluded');
    expect(story.data.votes).toEqual([]);
  });

  test('received at the end of the time is late; received just before counts even when handled after it (A4)', () => {
    const story = new Story().posted();
    expect(story.vote(ANA, 'approve', END)).toBe('late');
    const ballot = { user: ANA, name: 'ana', vote: 'approve', at: END - 1, actionTs: tsOf(END - 1) } as const;
    expect(story.on({ type: 'vote', ballot, roll: story.roll }, END + 400)).toBeUndefined();
    expect(story.status).toBe('approved');
  });

  test('on anything final changes nothing (S26)', () => {
    const story = approvedStory();
    expect(story.vote(BEN, 'deny', NOON + 1)).toBe('not_open');
    expect(story.click(BEN, 'deny', NOON + 1)).toBe('not_open');
    expect(story.data.votes).toHaveLength(1);
  });
});

describe('a click that waits for Slack to say who it is', () => {
  test('is kept, and counts when the person may decide', () => {
    const story = new Story().posted();
    story.click(ANA, 'approve');
    expect([story.status, story.data.inbox.length]).toEqual(['open', 1]);
    expect(story.todo).toContain('resolve');
    story.resolve(ANA, NOON, true, NOON + 900);
    expect(story.status).toBe('approved');
  });

  test('is dropped when the person may not', () => {
    const story = new Story().posted();
    story.click(ANA, 'approve');
    story.resolve(ANA, NOON, false, NOON + 900);
    expect([story.status, story.data.inbox, story.data.votes]).toEqual(['open', [], []]);
  });

  test('is the last one of a person: what they wanted before is forgotten', () => {
    const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
    story.click(ANA, 'deny', NOON + 1);
    story.vote(ANA, 'approve', NOON + 2);
    expect(story.data.inbox).toEqual([]);
    expect(story.resolve(ANA, NOON + 1, true)).toBe('nothing');
    expect(story.data.votes).toMatchObject([{ user: ANA, vote: 'approve' }]);
  });

  test('between two equal votes does not win over the later one', () => {
    const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
    story.vote(ANA, 'approve', NOON);
    story.click(ANA, 'deny', NOON + 1);
    expect(story.vote(ANA, 'approve', NOON + 2)).toBeUndefined();
    story.resolve(ANA, NOON + 1, true);
    expect(story.data.votes).toMatchObject([{ user: ANA, vote: 'approve' }]);
  });

  test('waits no longer because the one before it was overtaken while Slack was asked', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.click(ANA, 'approve', NOON);
    story.click(BEN, 'deny', NOON + 1);
    // The engine has taken the effect away when it brings what came of it.
    story.done('resolve');
    story.vote(ANA, 'approve', NOON + 2);
    story.resolve(ANA, NOON, true, NOON + 3);
    expect(story.data.inbox).toMatchObject([{ user: BEN }]);
    expect(story.todo).toContain('resolve');
  });

  test('to take an approval back lets nobody decide with that approval meanwhile', () => {
    const story = new Story({ quorum: 2 }).posted();
    story.vote(ANA, 'approve', NOON);
    story.click(ANA, 'deny', NOON + 2);
    expect(story.todo).toContain('card');
    expect(story.vote(ANA, 'approve', NOON + 1)).toBe('replayed');
    story.vote(BEN, 'approve', NOON + 3);
    expect(story.status).toBe('open');
    story.resolve(ANA, NOON + 2, true, NOON + 4);
    expect([story.status, story.data.decision?.by]).toEqual(['denied', [{ user: ANA, name: ANA }]]);
  });

  test('to approve after a denial leaves the denial as it is until Slack has answered', () => {
    const story = new Story({ quorum: 2, denyQuorum: 2 }).posted();
    story.vote(ANA, 'deny', NOON);
    story.click(ANA, 'approve', NOON + 1);
    expect(story.data.votes).toMatchObject([{ user: ANA, vote: 'deny' }]);
    story.vote(BEN, 'deny', NOON + 2);
    expect(story.status).toBe('denied');
  });

  test('is one for each person, thirty in all, the others are told to click again', () => {
    const story = new Story().posted();
    for (let person = 0; person < 30; person++)
      expect(story.click(`U0PERSON${person}`, 'deny', NOON + person)).toBeUndefined();
    expect(story.click('U0ONEMORE', 'deny', NOON + 50)).toBe('inbox_full');
    expect(story.click('U0PERSON0', 'approve', NOON + 50)).toBeUndefined();
    expect(story.data.inbox).toHaveLength(30);
  });

  test('that arrived in time is counted before the time is over; the request waits for it', () => {
    const story = new Story({ onTimeout: 'approve' }).posted();
    story.click(BEN, 'deny', END - 1);
    story.on({ type: 'time_out' }, END + 500);
    expect(story.status).toBe('open');
    expect(story.dueIn('timeout')).toBe(HOUR + 2500);
    story.resolve(BEN, END - 1, true, END + 900);
    expect(story.status).toBe('denied');
  });

  test('that Slack never explains holds the end up for a minute, no longer', () => {
    const story = new Story().posted();
    story.click(BEN, 'approve', END - 1);
    for (let at = END + 500; story.status === 'open'; at = (story.dueIn('timeout') ?? 0) + NOON) {
      expect(at).toBeLessThanOrEqual(END + MINUTE + 2500);
      story.on({ type: 'time_out' }, at);
    }
    expect(story.status).toBe('timed_out');
  });
});

describe('a click that is still not explained when the time is over', () => {
  test('is no silence: a denial opens no gate that approves by timeout', () => {
    for (const vote of ['deny', 'approve'] as const) {
      const story = new Story({ onTimeout: 'approve' }).posted();
      story.click(BEN, vote, END - 1);
      story.on({ type: 'time_out' }, END + MINUTE + 1);
      expect(story.status).toBe(vote === 'deny' ? 'timed_out' : 'approved');
    }
  });

  test('is waited for after the listener was away itself', () => {
    const back = END + HOUR;
    const story = new Story().posted();
    story.click(BEN, 'approve', END - 1);
    story.on({ type: 'time_out', servingSince: back }, back);
    expect(story.status).toBe('open');
    story.resolve(BEN, END - 1, true, back + 1);
    expect(story.status).toBe('approved');
    const unknown = new Story().posted();
    unknown.click(BEN, 'approve', END - 1);
    unknown.on({ type: 'time_out', servingSince: back }, back + MINUTE);
    expect(unknown.status).toBe('timed_out');
  });
});

describe('time', () => {
  test('over without a decision is a denial', () => {
    const story = new Story().posted();
    story.on({ type: 'time_out' }, END + 500);
    expect(story.status).toBe('timed_out');
    expect(story.data.decision).toMatchObject({ by: [], note: 'nobody decided in time, treated as denied' });
  });

  test('over is an approval where the gate says so', () => {
    const story = new Story({ onTimeout: 'approve' }).posted();
    story.on({ type: 'time_out' }, END + 500);
    expect(story.status).toBe('approved');
    expect(story.data.decision?.note).toBe('by timeout, as the gate says');
  });

  test('after a decision changes nothing (A4)', () => {
    const story = approvedStory();
    expect(story.on({ type: 'time_out' }, END + 500)).toBe('nothing');
    expect(story.todo).not.toContain('timeout');
  });

  test('brings reminders while the request is open, at most a hundred', () => {
    const story = new Story({ remindEveryMs: MINUTE, endsAt: NOON + 1000 * HOUR, quorum: 3 }).posted();
    story.vote(ANA, 'approve');
    for (let at = NOON + MINUTE; story.todo.includes('remind'); at += MINUTE) {
      story.done('remind', 'line').on({ type: 'remind' }, at);
      const line = story.snapshot.effects.find(({ key }) => key.startsWith('line:'));
      expect(line?.data).toMatchObject({ kind: 'reminder', facts: { missing: 2 } });
    }
    expect(story.data.reminders).toBe(100);
  });

  test('brings no reminder after a decision', () => {
    const story = new Story({ remindEveryMs: MINUTE }).posted();
    story.vote(ANA, 'deny');
    expect(story.todo).not.toContain('remind');
    expect(story.on({ type: 'remind' }, NOON + MINUTE)).toBe('nothing');
  });
});

describe('a withdrawal', () => {
  test('ends an open request', () => {
    const story = new Story().posted();
    story.on({ type: 'withdraw', by: undefined, why: 'withdrawn by the pipeline' });
    expect([story.status, story.data.decision?.note]).toEqual(['withdrawn', 'withdrawn by the pipeline']);
    expect(story.todo).toEqual(['card', 'leave', 'line:1', 'permalink', 'publish']);
  });

  test('of an approval is by whoever takes it back, before a claim', () => {
    const story = approvedStory();
    story.on({ type: 'withdraw', by: { user: BEN, name: 'ben' }, why: 'taken back' }, NOON + MINUTE);
    expect(story.status).toBe('withdrawn');
    expect(story.data.decision?.by).toEqual([{ user: BEN, name: 'ben' }]);
    expect(story.todo).not.toContain('validity');
  });

  test('by the pipeline ends nothing that is approved', () => {
    const story = approvedStory();
    const given = { type: 'withdraw', by: undefined, why: 'not needed', whileOpen: true } as const;
    expect(story.on(given)).toBe('not_open');
    expect(story.status).toBe('approved');
  });

  test('after a claim is refused', () => {
    const story = approvedStory();
    story.claim();
    expect(story.on({ type: 'withdraw', by: { user: BEN, name: 'ben' }, why: 'taken back' })).toBe(
      'not_open',
    );
  });

  test('ends an approval that many may use, however many have', () => {
    const story = approvedStory({ use: 'many' });
    story.claim({ build: '5000' });
    expect(JSON.stringify(cardOf(story.snapshot).blocks)).toContain(CARD_ACTIONS.takeBack);
    expect(story.on({ type: 'withdraw', by: { user: BEN, name: 'ben' }, why: 'taken back' })).toBeUndefined();
    expect(story.status).toBe('withdrawn');
    expect(story.claim({ build: '5001' })).toBe('not_approved');
  });

  test('comes with a newer request, for open ones only', () => {
    const open = new Story().posted();
    open.on({ type: 'supersede', newer: 'approval/b' });
    expect([open.status, open.data.decision?.note]).toEqual(['withdrawn', 'a newer request took its place']);
    expect(approvedStory().on({ type: 'supersede', newer: 'approval/b' })).toBe('not_open');
  });
});

describe('a waiting put', () => {
  const waiting = () => new Story({ wait: true, abandonAfterMs: 2 * MINUTE }).posted();
  const served = { type: 'abandon', servingSince: NOON - HOUR } as const;

  test('that asks again keeps the request, and always has the whole time left after it, with few writes', () => {
    const story = waiting();
    expect(story.on({ type: 'held' }, NOON + 25_000)).toBe('nothing');
    expect(story.on({ type: 'held' }, NOON + MINUTE)).toBe('nothing');
    expect(story.on({ type: 'held' }, NOON + 75_000)).toBeUndefined();
    expect(story.dueIn('abandon')).toBe(75_000 + 3 * MINUTE);
  });

  test('with a short or a long time has it whole after each poll, too', () => {
    const short = new Story({ wait: true, abandonAfterMs: MINUTE }).posted();
    expect(short.on({ type: 'held' }, NOON + 25_000)).toBe('nothing');
    expect(short.on({ type: 'held' }, NOON + 50_000)).toBeUndefined();
    expect(short.dueIn('abandon')).toBe(50_000 + 1.5 * MINUTE);
    const long = new Story({ wait: true, abandonAfterMs: HOUR }).posted();
    expect(long.on({ type: 'held' }, NOON + MINUTE + 1)).toBeUndefined();
    expect(long.dueIn('abandon')).toBe(HOUR + 2 * MINUTE + 1);
  });

  test('that says it stops is shown, and withdraws the request when it does not come back to a last call', () => {
    const story = waiting();
    story.on({ type: 'detach', why: 'SIGTERM' }, NOON + 30_000);
    expect([story.status, story.data.detached]).toEqual(['open', true]);
    expect(story.on({ type: 'detach', why: 'SIGTERM' }, NOON + 31_000)).toBe('nothing');
    expect(story.dueIn('abandon')).toBe(30_000 + 2 * MINUTE);
    story.done('line').on(served, NOON + 30_000 + 2 * MINUTE);
    expect([story.status, story.dueIn('abandon')]).toEqual(['open', 30_000 + 3 * MINUTE]);
    expect(story.todo).not.toContain('line:2');
    story.on(served, NOON + 30_000 + 3 * MINUTE);
    expect([story.status, story.data.decision?.note]).toEqual(['withdrawn', 'build stopped']);
  });

  test('that comes back goes on', () => {
    const story = waiting();
    story.on({ type: 'detach', why: 'SIGTERM' }, NOON + 30_000);
    story.on({ type: 'held' }, NOON + 60_000);
    expect(story.data.detached).toBeUndefined();
    expect(story.dueIn('abandon')).toBe(4 * MINUTE);
  });

  test('that is not heard of is shown so at once, and withdrawn only after a last call', () => {
    const story = waiting().done('line');
    story.on(served, NOON + 3 * MINUTE);
    expect([story.status, story.data.detached, story.dueIn('abandon')]).toEqual(['open', true, 4 * MINUTE]);
    expect(story.snapshot.effects.find(({ key }) => key === 'line:1')?.data).toMatchObject({
      kind: 'detached',
      facts: { why: 'no word from it' },
    });
    story.on(served, NOON + 3.5 * MINUTE);
    expect([story.status, story.dueIn('abandon')]).toEqual(['open', 4 * MINUTE]);
    story.on(served, NOON + 4 * MINUTE);
    expect(story.status).toBe('withdrawn');
  });

  test('that answers the last call goes on, and the next silence has a last call of its own', () => {
    const story = waiting();
    story.on(served, NOON + 3 * MINUTE);
    expect(story.on({ type: 'held' }, NOON + 3.9 * MINUTE)).toBeUndefined();
    expect([story.data.detached, story.data.lastCall]).toEqual([undefined, undefined]);
    story.on(served, NOON + 7 * MINUTE);
    expect([story.status, story.dueIn('abandon')]).toEqual(['open', 8 * MINUTE]);
  });

  test('is given its time anew when the listener had a break itself, also in the last call', () => {
    const story = waiting();
    const back = NOON + HOUR / 2;
    const since = { type: 'abandon', servingSince: back } as const;
    story.on(since, back);
    expect([story.status, story.dueIn('abandon')]).toEqual(['open', HOUR / 2 + 2 * MINUTE]);
    story.on(since, back + 2 * MINUTE);
    expect([story.status, story.data.detached]).toEqual(['open', true]);
    const again = back + 3 * MINUTE;
    story.on({ type: 'abandon', servingSince: again }, again);
    expect([story.status, story.data.lastCall]).toEqual(['open', undefined]);
    story.on({ type: 'abandon', servingSince: again }, again + 2 * MINUTE);
    story.on({ type: 'abandon', servingSince: again }, again + 3 * MINUTE);
    expect(story.status).toBe('withdrawn');
  });

  test('is not asked for where nobody waits', () => {
    const story = new Story().posted();
    expect(story.on({ type: 'held' })).toBe('nothing');
    expect(story.on({ type: 'detach', why: 'SIGTERM' })).toBe('not_open');
  });
});

describe('a claim', () => {
  test('by the first build is kept, with a thread line and news for the gate', () => {
    const story = approvedStory().done('card', 'line', 'publish', 'leave');
    expect(story.claim({ expect: { version: '1.2.3' } })).toBeUndefined();
    expect(story.status).toBe('approved');
    expect(story.data.claim?.label).toBe('app/release #41');
    expect(story.todo).toEqual(['card', 'line:2', 'permalink', 'publish:claim', 'validity']);
  });

  test('in the moment of the decision leaves it to be published', () => {
    const story = approvedStory();
    story.claim();
    expect(story.todo).toContain('publish');
    expect(story.todo).toContain('publish:claim');
  });

  test('by the same build again is the same claim, also after its time', () => {
    const story = approvedStory();
    story.claim();
    expect(story.claim()).toBe('nothing');
    expect(story.claim({}, NOON + 25 * HOUR)).toBe('nothing');
  });

  test('by another build is refused where one may use it, as for a rerun (C26)', () => {
    const story = approvedStory();
    story.claim();
    expect(story.claim({ build: '5001' })).toBe('taken');
  });

  test('by another build is fine where many may use it, until its time is over', () => {
    const story = approvedStory({ use: 'many' });
    expect(story.claim()).toBeUndefined();
    expect(story.claim({ build: '5001' })).toBeUndefined();
    expect(story.claim({ build: '5001' }, NOON + 24 * HOUR)).toBe('expired');
  });

  test('by a build without an id is never taken for the same build', () => {
    const story = approvedStory();
    const claim = { gate: 'release', expect: {}, origin: { team: 'main', pipeline: 'app' } };
    const about = termsOf({ origin: { team: 'main', pipeline: 'app' } });
    story.snapshot = { ...story.snapshot, data: { ...story.data, terms: about } };
    expect(story.on({ type: 'claim', claim })).toBeUndefined();
    expect(story.on({ type: 'claim', claim })).toBe('taken');
  });

  test('about anything else than what was approved is refused, by name (C26)', () => {
    const story = approvedStory({ context: { version: '1.2.3', digest: 'sha256:1' } });
    expect(story.claim({ expect: { version: '1.2.4', digest: 'sha256:1', commit: 'abc' } })).toBe(
      'other_context',
    );
    expect(story.refusals.at(-1)).toEqual({ code: 'other_context', names: ['version', 'commit'] });
    expect(story.claim({ expect: { toString: 'x', __proto__: 'x' } })).toBe('other_context');
  });

  test('of another gate, pipeline or instance is refused (C25)', () => {
    const story = approvedStory();
    expect(story.claim({ gate: 'other' })).toBe('other_gate');
    expect(story.claim({ pipeline: 'other' })).toBe('other_origin');
    const instance = { team: 'main', pipeline: 'app', instance_vars: '{"env":"dev"}', build_id: '1' };
    expect(story.on({ type: 'claim', claim: { gate: 'release', expect: {}, origin: instance } })).toBe(
      'other_origin',
    );
  });

  test('is refused unless it is approved', () => {
    const open = new Story().posted();
    expect(open.claim()).toBe('not_approved');
    const denied = new Story().posted();
    denied.vote(ANA, 'deny');
    expect(denied.claim()).toBe('not_approved');
    const withdrawn = approvedStory();
    withdrawn.on({ type: 'withdraw', by: { user: ANA, name: 'ana' }, why: 'taken back' });
    expect(withdrawn.claim()).toBe('not_approved');
  });

  test('is refused when the approval has run out, even before its timer says so (C26)', () => {
    const story = approvedStory();
    expect(story.claim({}, NOON + 24 * HOUR)).toBe('expired');
    story.on({ type: 'validity_over' }, NOON + 24 * HOUR);
    expect(story.claim({}, NOON + 24 * HOUR)).toBe('expired');
  });
});

describe('an approval for the build that waits for it', () => {
  const waits = { wait: true, forBuild: true } as const;

  test('is told to no gate, and has no end that anybody would hear of', () => {
    const story = approvedStory(waits);
    expect(story.todo).toEqual(['card', 'leave', 'line:1', 'permalink']);
    expect(
      story.on({ type: 'claim', claim: { gate: 'release', origin: ORIGIN, expect: {} } }),
    ).toBeUndefined();
    expect(story.todo).toEqual(['card', 'leave', 'line:1', 'line:2', 'permalink']);
  });

  test('is told to no gate when it comes to another end', () => {
    const denied = new Story(waits).posted();
    denied.vote(ANA, 'deny');
    expect(denied.todo).not.toContain('publish');
  });

  test('is claimed by no other build, before and after its own has', () => {
    const story = approvedStory(waits);
    expect(story.claim({ build: '4712' })).toBe('other_build');
    story.claim({ build: ORIGIN.build_id });
    expect(story.data.claim?.label).toBe('app/release #41');
    expect(story.claim({ build: '4712' })).toBe('other_build');
    expect(story.claim({ build: ORIGIN.build_id })).toBe('nothing');
  });

  test('is claimed by its own build only while it is valid', () => {
    const story = approvedStory(waits);
    expect(story.claim({ build: ORIGIN.build_id }, NOON + 24 * HOUR)).toBe('expired');
  });

  test('is claimed by others, and runs out for them, where many may use it', () => {
    const story = approvedStory({ ...waits, use: 'many' });
    expect(story.todo).toContain('validity');
    expect(story.todo).not.toContain('publish');
    expect(story.claim({ build: '4712' })).toBeUndefined();
    story.policy = policyOf({ use: 'once' });
    expect(story.claim({ build: '4713' })).toBe('other_build');
  });

  test('is of nobody where its build has no id', () => {
    const { build_id: _, ...origin } = ORIGIN;
    const story = approvedStory({ ...waits, origin });
    expect(story.on({ type: 'claim', claim: { gate: 'release', origin, expect: {} } })).toBe('other_build');
  });
});

describe('the validity of an approval', () => {
  test('over makes it expired', () => {
    const story = approvedStory();
    expect(story.on({ type: 'validity_over' }, NOON + HOUR)).toBe('nothing');
    story.on({ type: 'validity_over' }, NOON + 24 * HOUR);
    expect(story.status).toBe('expired');
  });

  test('does not matter once it was used', () => {
    const story = approvedStory();
    story.claim();
    expect(story.on({ type: 'validity_over' }, NOON + 24 * HOUR)).toBe('nothing');
    expect(story.status).toBe('approved');
  });
});

test('two approvers in the same millisecond decide once, in either order (S26)', () => {
  for (const [first, second] of [
    [ANA, BEN],
    [BEN, ANA],
  ] as const) {
    const story = new Story().posted();
    expect(story.vote(first, 'approve')).toBeUndefined();
    expect(story.vote(second, 'approve')).toBe('not_open');
    expect(story.data.decision?.by.map(({ user }) => user)).toEqual([first]);
  }
});

test('three people, two of whom approve and one of whom denies, end as whoever was first has it', () => {
  const story = new Story({ quorum: 2 }).posted();
  story.vote(ANA, 'approve');
  story.vote(CEM, 'deny');
  expect(story.vote(BEN, 'approve')).toBe('not_open');
  expect(story.status).toBe('denied');
});
