import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  ANA,
  BEN,
  CEM,
  DEE,
  GROUP,
  GUS,
  OCTOCAT,
  OTHER_CHANNEL,
  withApprovals,
} from '../support/approvals-world.ts';

const HOUR = 3_600_000;

describe('who may not decide', () => {
  test.each(['Approve', 'Deny'])('is told so by %s, alone, and nothing is written (S24)', (button) =>
    withApprovals(async ({ ask, click, told, refused, view, store, quiet, slack }) => {
      const { id, card } = await ask();
      await quiet();
      const before = await store.read(`approval/${id}`);
      expect(await told(await click(card, button, DEE))).toBe(
        'You are not one of those who may decide this. Nothing changed.',
      );
      expect(await told(await click(card, button, GUS))).toBe(
        'Guests of this workspace cannot decide. Nothing changed.',
      );
      expect(refused).toEqual(['not_listed', 'guest']);
      await quiet();
      expect(await store.read(`approval/${id}`)).toEqual(before);
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
      expect(slack.ephemerals(ANA)).toEqual([]);
    }),
  );

  test('is the requester, by id, and whoever the request names (A10)', () =>
    withApprovals(
      async ({ ask, click, told, refused, view }) => {
        const { id, card } = await ask({ not_by: ['Ana-On-Git'] });
        for (const user of [ANA, OCTOCAT])
          for (const button of ['Approve', 'Deny'])
            expect(await told(await click(card, button, user))).toMatch(/^You asked for this, or are named/);
        expect(refused).toEqual(['excluded', 'excluded', 'excluded', 'excluded']);
        expect(await view(id)).toMatchObject({ votes: 0 });
      },
      { slack: { groups: { [GROUP]: [ANA, BEN, CEM, OCTOCAT] } } },
    ));

  test('is a person of another workspace, whatever the payload calls them (A14, C28)', () =>
    withApprovals(async ({ ask, click, told, view, slack }) => {
      const { id, card } = await ask();
      slack.addUser({ id: 'U0FOREIGN01', name: 'ana', team: 'T0FOREIGN01' });
      slack.setGroup(GROUP, [ANA, 'U0FOREIGN01']);
      const clicked = await click(card, 'Approve', 'U0FOREIGN01', {
        actor: { username: 'ana', team_id: 'T0FOREIGN01' },
      });
      expect(await told(clicked)).toMatch(/^Only members of this workspace/);
      // The name of an approver is nobody's proof.
      expect(await told(await click(card, 'Approve', DEE, { actor: { username: 'ana' } }))).toMatch(
        /^You are not one of/,
      );
      expect(await view(id)).toMatchObject({ votes: 0 });
    }));

  test('is whoever was deactivated or left the group since the card was posted, after a minute at the latest (A11)', () =>
    withApprovals(async ({ ask, click, told, becomes, clock, slack }) => {
      const { id, card } = await ask({ quorum: 2 });
      slack.setGroup(GROUP, [BEN, CEM]);
      slack.changeUser(CEM, { deleted: true });
      clock.skip(61_000);
      expect(await told(await click(card, 'Approve', ANA))).toMatch(/^You are not one of/);
      expect(await told(await click(card, 'Approve', CEM))).toBe(
        'This account cannot decide. Nothing changed.',
      );
      slack.setGroup(GROUP, [BEN, DEE]);
      clock.skip(61_000);
      await click(card, 'Approve', BEN);
      await click(card, 'Approve', DEE);
      expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ben', 'dee'] });
    }));
});

test('who was in the group a moment ago still is, for a minute at most (A11)', () =>
  withApprovals(async ({ ask, click, told, clock, slack, view }) => {
    const { id, card } = await ask({ quorum: 3 });
    slack.setGroup(GROUP, [DEE]);
    await click(card, 'Approve', ANA);
    expect(await view(id)).toMatchObject({ votes: 1 });
    clock.skip(60_000);
    expect(await told(await click(card, 'Approve', BEN))).toMatch(/^You are not one of/);
    await click(card, 'Approve', DEE);
    expect(await view(id)).toMatchObject({ votes: 2 });
  }));

describe('a click', () => {
  test('on a copy of the card in another channel does nothing, and says where the card is (S22)', () =>
    withApprovals(async ({ ask, slack, told, view, refused }) => {
      const { id, card } = await ask();
      const copied = { channel: card.channel, ts: card.ts, button: 'Approve', by: ANA };
      expect(await told(await slack.clickCopy(copied, OTHER_CHANNEL, 'listener'))).toMatch(
        /^This is a copy, or an older card\. Nothing changed: click on <https:\/\/fake\.slack\.com\/archives\/C0RELEASES1\/p\d+\|the card itself>\.$/,
      );
      expect(await told(await slack.clickCopy(copied, card.channel, 'listener'))).toMatch(/^This is a copy/);
      expect([await view(id), refused]).toMatchObject([{ votes: 0 }, ['other_card', 'other_card']]);
    }));

  test('in another channel does nothing, also where a message of that channel has the very time of the card (S22)', () =>
    withApprovals(async ({ ask, click, told, view, refused }) => {
      const { id, card } = await ask();
      const elsewhere = (payload: Record<string, unknown>) => ({
        ...payload,
        channel: { id: OTHER_CHANNEL, name: 'other' },
        container: { type: 'message', message_ts: card.ts, channel_id: OTHER_CHANNEL, is_ephemeral: false },
      });
      expect(await told(await click(card, 'Approve', ANA, { change: elsewhere }))).toMatch(/^This is a copy/);
      expect([await view(id), refused]).toMatchObject([{ votes: 0 }, ['other_card']]);
    }));

  test('on a copy that the pipelines’ app has posted does nothing (S22)', () =>
    withApprovals(async ({ ask, slack, told, view }) => {
      const { id, card } = await ask();
      const copied = { channel: card.channel, ts: card.ts, button: 'Approve', by: ANA };
      const clicked = await slack.clickCopy(copied, card.channel, 'pipeline');
      expect(await told(clicked)).toBe(
        'This button is not on a message of the app that takes decisions. Nothing was changed.',
      );
      expect(await view(id)).toMatchObject({ votes: 0 });
    }));

  test('with another request’s value does nothing (S21, A6)', () =>
    withApprovals(async ({ ask, click, told, view }) => {
      const [one, other] = [await ask(), await ask()];
      const value = `${other.id}.forged`;
      expect(await told(await click(one.card, 'Approve', ANA, { value }))).toBe(
        'This request is not known here any more. Nothing changed.',
      );
      for (const bad of ['', 'x', `${'a'.repeat(24)}.n`, `../${one.id}.n`])
        expect(await told(await click(one.card, 'Approve', ANA, { value: bad }))).toMatch(
          /^This request is not known/,
        );
      // The real value of the other request, on this card.
      const real = JSON.stringify(other.card.blocks).match(/"value":"([^"]*)"/)?.[1] ?? '';
      expect(await told(await click(one.card, 'Approve', ANA, { value: real }))).toMatch(/^This is a copy/);
      for (const { id } of [one, other])
        expect(await view(id)).toMatchObject({ votes: 0, status: 'requested' });
    }));

  test('twice is one vote, and the second time an answer (C28, A3)', () =>
    withApprovals(async ({ ask, click, told, view }) => {
      const { id, card } = await ask({ quorum: 2 });
      const clicks = await Promise.all([click(card, 'Approve', ANA), click(card, 'Approve', ANA)]);
      expect(clicks.map(({ status }) => status)).toEqual([200, 200]);
      expect(await view(id)).toMatchObject({ votes: 1 });
      expect(await told(await click(card, 'Approve', ANA))).toBe(
        'You have voted so already. Nothing changed.',
      );
      expect(await view(id)).toMatchObject({ votes: 1 });
    }));

  test('that takes back what one has said, and says it again, is still one vote (A3)', () =>
    withApprovals(
      async ({ ask, click, view }) => {
        const { id, card } = await ask({ quorum: 2 });
        for (const button of ['Approve', 'Deny', 'Approve']) await click(card, button, ANA);
        expect(await view(id)).toMatchObject({ votes: 1, status: 'requested' });
        await click(card, 'Deny', ANA);
        expect(await view(id)).toMatchObject({ votes: 0, status: 'requested' });
      },
      { gates: { release: { denyQuorum: 2 } } },
    ));

  test('that is posted again with its old signature does nothing (C28)', () =>
    withApprovals(async ({ ask, click, slack, view, becomes }) => {
      const { id, card } = await ask();
      const clicked = await click(card, 'Deny', BEN);
      await becomes(id, 'denied');
      const second = await ask();
      expect((await slack.replay(clicked)).status).toBe(409);
      expect(await view(second.id)).toMatchObject({ status: 'requested' });
    }));

  test('after the decision is told who decided, and when (S26)', () =>
    withApprovals(async ({ ask, click, told, becomes, slack }) => {
      const { id, card } = await ask();
      const seen = slack.look(card.channel, card.ts);
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      for (const button of ['Approve', 'Deny'])
        expect(await told(await click(card, button, BEN, { seen }))).toMatch(
          /^Already approved by <@U0ANA000001> at <!date\^.*\. Nothing changed\.$/,
        );
    }));

  test('after the end is late, even before the timer has said so (A4)', () =>
    withApprovals(
      async ({ ask, click, told, clock, view }) => {
        const { id, card } = await ask({ timeout_seconds: 3600 });
        clock.skip(HOUR);
        expect(await told(await click(card, 'Approve', ANA))).toMatch(
          /^(The time to decide is over|Already timed out)/,
        );
        expect(await view(id)).toMatchObject({ votes: 0 });
      },
      { everyMs: 2000 },
    ));

  test('shows what the card does not, to whoever asks (S31)', () =>
    withApprovals(async ({ ask, click, slack, view }) => {
      const context = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`name${at}`, `value${at}`]));
      const { id, card } = await ask({ context, details: 'all that changed' });
      const clicked = await click(card, 'Details', DEE);
      const modal = await slack.when(() => clicked.modal);
      expect(JSON.stringify(modal.content)).toContain('name11: value11');
      expect(JSON.stringify(modal.content)).toContain('all that changed');
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    }));
});

describe('a reason', () => {
  const options = { gates: { release: { requireReason: 'deny' } } } as const;

  test('is asked for by a form that opens at once, and stands in the decision, the card and the thread (S19, S20)', () =>
    withApprovals(async ({ ask, click, slack, becomes, shows, thread, view, clock }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      const asked = slack.count('users.info');
      const clicked = await click(card, 'Deny', BEN);
      const modal = await slack.when(() => clicked.modal);
      expect(slack.count('users.info')).toBe(asked);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      const sent = await slack.submit(modal, { values: { reason: 'not <!channel> today' } });
      expect([sent.status, sent.errors, sent.view]).toEqual([200, undefined, undefined]);
      expect(await becomes(id, 'denied')).toMatchObject({
        reason: 'not <!channel> today',
        approvers: ['ben'],
      });
      await shows(card, '“not <!channel> today”');
      const line = await slack.when(() => thread(card).find((text) => text.startsWith('⛔')));
      expect(line).not.toContain('<!channel>');
    }, options));

  test('does not hold up an approval where it is asked for denials', () =>
    withApprovals(async ({ ask, click, becomes }) => {
      const { id, card } = await ask();
      const clicked = await click(card, 'Approve', BEN);
      await becomes(id, 'approved');
      expect(clicked.modal).toBeUndefined();
    }, options));

  test('opens no form for somebody known not to decide (S24)', () =>
    withApprovals(async ({ ask, click, told }) => {
      const { card } = await ask();
      await told(await click(card, 'Approve', DEE));
      const clicked = await click(card, 'Deny', DEE);
      expect(await told(clicked)).toMatch(/^You are not one of/);
      expect(clicked.modal).toBeUndefined();
    }, options));

  test('of somebody who may not decide is refused in the form (S24)', () =>
    withApprovals(async ({ ask, click, slack, view, clock }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      const clicked = await click(card, 'Deny', DEE);
      const modal = await slack.when(() => clicked.modal);
      const sent = await slack.submit(modal, { values: { reason: 'no' } });
      expect(sent.errors).toEqual({
        reason: 'You are not one of those who may decide this. Nothing changed.',
      });
      expect(await view(id)).toMatchObject({ status: 'requested' });
    }, options));

  test('that comes when all is decided is told so in the form (S26)', () =>
    withApprovals(async ({ ask, click, slack, becomes }) => {
      const { id, card } = await ask();
      const clicked = await click(card, 'Deny', BEN);
      const modal = await slack.when(() => clicked.modal);
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      const sent = await slack.submit(modal, { values: { reason: 'no' } });
      expect(sent.errors?.['reason']).toMatch(
        /^Already approved by ana at \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Nothing changed\.$/,
      );
    }, options));

  test('comes after the clicks before it, also when the clock of Slack is ahead of ours', () =>
    withApprovals(async ({ ask, click, slack, becomes, clock }) => {
      const { id, card } = await ask({ quorum: 2 });
      const ahead = (payload: Record<string, unknown>) => ({
        ...payload,
        actions: [payload['actions']]
          .flat()
          .map((action) => ({ ...Object(action), action_ts: String(clock.now() / 1000 + 60) })),
      });
      await click(card, 'Approve', BEN, { change: ahead });
      const clicked = await click(card, 'Deny', BEN);
      const modal = await slack.when(() => clicked.modal);
      const sent = await slack.submit(modal, { values: { reason: 'no' } });
      expect(sent.errors).toBeUndefined();
      await becomes(id, 'denied');
    }, options));

  test('is asked for again when Slack did not open the form in time (S19)', () =>
    withApprovals(async ({ ask, click, slack, told, view }) => {
      const { id, card } = await ask();
      slack.fault('views.open', { error: 'expired_trigger_id' });
      expect(await told(await click(card, 'Deny', BEN))).toBe(
        'Slack did not open the form in time. Nothing changed: click again.',
      );
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    }, options));
});

describe('the acknowledgement of a click', () => {
  test('comes when the vote is on disk, not before (S15)', () =>
    withApprovals(async ({ ask, click, store, quiet }) => {
      const { id, card } = await ask();
      await quiet();
      if (!('next' in store)) throw new Error('not the store in memory');
      let isSaved = false;
      store.next('save', async () => {
        await setTimeout(300);
        isSaved = true;
      });
      const clicked = await click(card, 'Approve', ANA);
      expect([clicked.status, isSaved]).toEqual([200, true]);
      expect((await store.read(`approval/${id}`))?.status).toBe('approved');
    }));

  test('waits for nothing that Slack is asked (S15, S19)', () =>
    withApprovals(async ({ ask, click, slack, becomes }) => {
      const { id, card } = await ask();
      slack.outage('hang');
      expect(await click(card, 'Approve', ANA)).toMatchObject({ status: 200, warning: undefined });
      await becomes(id, 'approved');
      slack.outage(false);
    }));
});

describe('while Slack is slow to say who a person is', () => {
  test('a click is saved, acknowledged, and counted afterwards; its address is kept no longer (S15, S34)', () =>
    withApprovals(async ({ ask, click, slack, becomes, clock, store }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      slack.fault('usergroups.users.list', 'hang');
      const clicked = await click(card, 'Approve', ANA);
      expect(clicked).toMatchObject({ status: 200, warning: undefined });
      expect((await store.read(`approval/${id}`))?.data['inbox']).toMatchObject([
        { user: ANA, vote: 'approve', responseUrl: clicked.responseUrl },
      ]);
      slack.release();
      await becomes(id, 'approved');
      expect(JSON.stringify(await store.read(`approval/${id}`))).not.toContain(clicked.responseUrl);
    }));

  test('a click of somebody who may not decide is told so afterwards (S15, S24)', () =>
    withApprovals(async ({ ask, click, slack, told, clock, view, store, quiet }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      slack.fault('usergroups.users.list', 'hang');
      const clicked = await click(card, 'Approve', DEE);
      expect(clicked).toMatchObject({ status: 200, warning: undefined, ephemerals: [] });
      slack.release();
      expect(await told(clicked)).toMatch(/^You are not one of/);
      await quiet();
      expect((await store.read(`approval/${id}`))?.data['inbox']).toEqual([]);
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    }));

  test('those whose saved clicks come to nothing are told who decided (S26)', () =>
    withApprovals(async ({ ask, click, slack, told, becomes, clock, store }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      slack.fault('usergroups.users.list', 'hang');
      const [first, second] = [await click(card, 'Approve', ANA), await click(card, 'Deny', BEN)];
      expect((await store.read(`approval/${id}`))?.data['inbox']).toHaveLength(2);
      slack.release();
      await becomes(id, 'approved');
      expect(await told(second)).toMatch(/^Already approved by <@U0ANA000001> at /);
      expect(first.ephemerals).toEqual([]);
    }));

  test('what cannot be read changes nothing, and asks for another click (A11)', () =>
    withApprovals(async ({ ask, click, slack, told, clock, view }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      slack.fault('usergroups.users.list', { error: 'missing_scope' });
      const clicked = await click(card, 'Approve', ANA);
      expect(await told(clicked)).toBe(
        'Slack did not say whether you may decide. Nothing changed: click again.',
      );
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    }));

  test('a saved click that Slack never explains is dropped after a second try, and its person told', () =>
    withApprovals(async ({ ask, click, slack, told, clock, view, quiet, store }) => {
      const { id, card } = await ask();
      clock.skip(61_000);
      const asked = slack.count('usergroups.users.list');
      slack.fault('usergroups.users.list', 'silent', 2);
      const clicked = await click(card, 'Approve', ANA);
      expect(clicked.status).toBe(200);
      clock.skip(21_000);
      await slack.when(() => slack.count('usergroups.users.list') === asked + 2);
      expect((await store.read(`approval/${id}`))?.data['inbox']).toHaveLength(1);
      clock.skip(21_000);
      expect(await told(clicked)).toBe(
        'Slack did not say whether you may decide. Nothing changed: click again.',
      );
      await quiet();
      expect((await store.read(`approval/${id}`))?.data['inbox']).toEqual([]);
      expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    }));
});

describe('taking an approval back', () => {
  test('is an approver’s, before a claim; the claim is then refused (S24)', () =>
    withApprovals(async ({ ask, click, becomes, shows, claim, told }) => {
      const { id, card } = await ask();
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await shows(card, 'Take back');
      expect(await told(await click(card, 'Take back', DEE))).toMatch(/^You are not one of/);
      await click(card, 'Take back', BEN);
      expect(await becomes(id, 'withdrawn')).toMatchObject({ note: 'taken back' });
      await shows(card, `Withdrawn by <@${BEN}>: taken back`);
      expect(await claim(id)).toMatchObject({
        status: 409,
        body: { error: { message: 'it is not approved but withdrawn' } },
      });
    }));

  test('after a claim is told who used it', () =>
    withApprovals(async ({ ask, click, becomes, shows, claim, told, slack, view }) => {
      const { id, card } = await ask();
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      const shown = await shows(card, 'Take back');
      const seen = slack.look(shown.channel, shown.ts);
      await claim(id);
      expect(await told(await click(card, 'Take back', BEN, { seen }))).toMatch(
        /^Already approved by <@U0ANA000001> at .*, used by app\/deploy #41\. Nothing changed\.$/,
      );
      expect(await view(id)).toMatchObject({ status: 'approved' });
    }));

  test('after a press of the wrong button in the dialog does nothing', () =>
    withApprovals(async ({ ask, click, becomes, shows, view }) => {
      const { id, card } = await ask();
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await shows(card, 'Take back');
      const clicked = await click(card, 'Take back', BEN, { confirm: false });
      expect(clicked.dialog).toMatchObject({ title: 'Take it back?', deny: 'Keep' });
      expect(await view(id)).toMatchObject({ status: 'approved' });
    }));
});
