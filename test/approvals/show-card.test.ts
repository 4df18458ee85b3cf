import { describe, expect, test } from 'vitest';
import { approvalId } from '../../src/approvals/narrow.ts';
import { everyScope } from '../fakes/slack/options.ts';
import { ANA, BEN, CHANNEL, withApprovals } from '../support/approvals-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NO_HISTORY = everyScope.filter((scope) => !scope.endsWith(':history'));

describe('a card that cannot be posted', () => {
  test('for good withdraws the request at once, and the caller is told why', () =>
    withApprovals(async ({ open, becomes, cards, slack }) => {
      slack.fault('chat.postMessage', { error: 'channel_not_found' });
      const { body } = await open();
      expect(await becomes(String(body['approval']), 'withdrawn')).toMatchObject({
        note: 'the card could not be posted to C0RELEASES1: channel_not_found',
      });
      expect(cards()).toEqual([]);
    }));

  test('for a minute withdraws the request, and says why; no card appears afterwards', () =>
    withApprovals(async ({ open, becomes, cards, slack, clock, quiet }) => {
      // Nobody could be counted if nobody had been looked up before.
      const first = await open();
      slack.fault('chat.postMessage', { error: 'invalid_auth' }, 50);
      const { body } = await open();
      await slack.when(() => slack.count('chat.postMessage') >= 2);
      await quiet();
      clock.skip(MINUTE);
      const seen = await becomes(String(body['approval']), 'withdrawn');
      expect(seen['note']).toMatch(
        /^the card could not be posted within a minute: Slack refused chat\.postMessage: invalid_auth/,
      );
      await quiet();
      expect(
        cards().filter(({ blocks }) => JSON.stringify(blocks).includes(String(body['approval']))),
      ).toEqual([]);
      expect(first.status).toBe(201);
    }));

  test('while Slack is away withdraws the request after a minute', () =>
    withApprovals(async ({ ask, open, becomes, slack, clock }) => {
      await ask();
      slack.outage('reset');
      const { body, status } = await open();
      expect(status).toBe(201);
      clock.skip(MINUTE);
      await becomes(String(body['approval']), 'withdrawn');
    }));
});

describe('a lost answer to the post of a card', () => {
  test('takes no message of a pipeline for the card, whatever its metadata say (S21)', () =>
    withApprovals(async ({ ask, slack }) => {
      const origin = { team: 'main', pipeline: 'app', build_id: '4711' };
      const request = { gate: 'release', key: 'mine', title: 'Ship 1.2.3?', wait: false, origin };
      const payload = { id: `approval/${approvalId('ci-main', request)}:card:0` };
      const { token } = slack.apps.pipelines;
      const forged = await fetch(`${slack.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          channel: CHANNEL,
          text: 'Approval needed',
          metadata: JSON.stringify({ event_type: 'concourse_put', event_payload: payload }),
        }),
      });
      expect(await forged.json()).toMatchObject({ ok: true });
      slack.fault('chat.postMessage', { http: 500 });
      const { card } = await ask(request);
      expect(card.app).toBe(slack.apps.listener.id);
    }));

  test('leaves one card where history may be read: it is found by its metadata', () =>
    withApprovals(async ({ ask, click, becomes, cards, slack, shows }) => {
      slack.fault('chat.postMessage', 'lost');
      const { id, card } = await ask();
      expect(cards()).toHaveLength(1);
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await shows(card, '✅ Approved');
    }));

  test('leaves two cards where it may not: the first click on the older one changes nothing, and it points to the newer', () =>
    withApprovals(
      async ({ open, click, told, becomes, cards, slack, view, shows, lost, quiet }) => {
        slack.fault('chat.postMessage', 'lost');
        const { body } = await open();
        const id = String(body['approval']);
        await slack.when(() => cards().length === 2);
        await slack.when(() => slack.count('chat.getPermalink') === 1);
        const [older, newer] = cards();
        if (older === undefined || newer === undefined) throw new Error('no cards');
        const seen = slack.look(older.channel, older.ts);
        expect(await told(await click(older, 'Approve', ANA))).toMatch(
          /^This is a copy, or an older card\. Nothing changed: click (on|on the newest)/,
        );
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
        const closed = await shows(older, 'Not the card');
        const text = JSON.stringify([closed.text, closed.blocks]);
        const address = (await view(id))['permalink'];
        expect(text).toContain(`<${String(address)}|Another message>`);
        expect(text).not.toContain('approval:');
        expect(lost()).toBe(1);
        await click(newer, 'Approve', ANA);
        await becomes(id, 'approved');
        // Who had it on the screen all the time.
        expect(await told(await click(older, 'Deny', BEN, { seen }))).toMatch(
          /^This is a copy, or an older card\. Already approved by <@U0ANA000001>/,
        );
        await quiet();
        const now = slack.look(older.channel, older.ts);
        expect(JSON.stringify([now.text, now.blocks])).toBe(text);
        expect(lost()).toBe(1);
      },
      { slack: { listenerScopes: NO_HISTORY } },
    ));

  test('of a request that has ended meanwhile leaves no card that looks open', () =>
    withApprovals(async ({ open, request, becomes, cards, slack, shows }) => {
      slack.fault('chat.postMessage', 'lost');
      slack.fault('conversations.history', 'hang');
      const { body } = await open();
      const id = String(body['approval']);
      await slack.when(() => slack.count('conversations.history') === 1);
      const { origin } = { origin: { team: 'main', pipeline: 'app' } };
      expect((await request('POST', `/v1/approvals/${id}/withdraw`, { origin })).status).toBe(200);
      await becomes(id, 'withdrawn');
      slack.release();
      const [card] = await slack.when(() => cards().length === 1 && cards());
      expect(JSON.stringify((await shows(card ?? { ts: '' }, 'Withdrawn')).blocks)).not.toContain(
        'approval:approve',
      );
    }));
});

describe('a card that cannot be brought up to date', () => {
  test('for an hour after the decision is repaired then; the decision counts at once (A38, S17)', () =>
    withApprovals(async ({ ask, click, becomes, claim, slack, shows, poked, thread, quiet, pass }) => {
      const { id, card } = await ask();
      await quiet();
      slack.outage(true);
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await slack.when(() => poked.includes('release'));
      expect((await claim(id)).status).toBe(200);
      await pass(HOUR);
      expect(slack.messages(CHANNEL).find(({ ts }) => ts === card.ts)?.text).toContain('Approval needed');
      slack.outage(false);
      await pass(6 * MINUTE);
      const shown = await shows(card, 'used by app/deploy #41');
      expect(shown.text).toMatch(/^✅ Approved by/);
      await slack.when(() => thread(card).some((line) => line.startsWith('🔑')));
      // A response URL lives for half an hour and is never used for the card.
      expect(slack.count('response_url')).toBe(0);
    }));

  test('because somebody deleted it is posted anew while the request is open (A39)', () =>
    withApprovals(async ({ ask, click, becomes, cards, slack, shows, view }) => {
      const { id, card } = await ask({ quorum: 2 });
      const seen = slack.look(card.channel, card.ts);
      slack.deleteMessage(card.channel, card.ts);
      // Slack still lets those click who have not reloaded.
      await slack.click({ seen, button: 'Approve', by: ANA, channel: card.channel, ts: card.ts });
      const newer = await slack.when(() => cards().find(({ ts }) => ts !== card.ts));
      await shows(newer, '*1 of 2*');
      await slack.when(() => slack.count('chat.getPermalink') >= 2);
      await click(newer, 'Approve', BEN);
      await becomes(id, 'approved');
      await shows(newer, '✅ Approved');
      expect(await view(id)).toMatchObject({ approvers: ['ana', 'ben'] });
    }));

  test('because edits are closed is posted anew each time, and is never taken for the one that is lost (A39)', () =>
    withApprovals(async ({ ask, click, told, becomes, cards, slack, shows }) => {
      const { id, card } = await ask({ quorum: 2 });
      slack.closeEditWindow(card.channel, card.ts);
      slack.fault('chat.postMessage', 'lost', 2);
      await click(card, 'Approve', ANA);
      const newer = await slack.when(() =>
        cards().find(({ ts, text }) => ts !== card.ts && text.includes('1 of 2')),
      );
      await slack.when(() => slack.count('chat.getPermalink') >= 2);
      expect(await told(await click(card, 'Approve', BEN))).toMatch(/^This is a copy, or an older card/);
      await click(newer, 'Approve', BEN);
      await becomes(id, 'approved');
      await shows(newer, '✅ Approved');
      expect(cards()).toHaveLength(2);
    }));

  test('when all is decided and it was deleted is given up, with its lines (A39)', () =>
    withApprovals(async ({ ask, becomes, slack, gone, quiet, store, view }) => {
      const { id, card } = await ask();
      await quiet();
      const seen = slack.look(card.channel, card.ts);
      slack.deleteMessage(card.channel, card.ts);
      await slack.click({ seen, button: 'Approve', by: ANA, channel: card.channel, ts: card.ts });
      await becomes(id, 'approved');
      await slack.when(() => gone.length >= 1);
      await quiet();
      expect(await view(id)).toMatchObject({ status: 'approved' });
      expect(
        (await store.read(`approval/${id}`))?.effects.map(({ key }) => key).filter((key) => key !== '~audit'),
      ).toEqual(['validity']);
    }));
});

test('the card says a decision only when it is saved, and what is not saved is said to the person (S25, A5)', () =>
  withApprovals(async ({ ask, click, told, view, store, slack, quiet }) => {
    const { id, card } = await ask();
    await quiet();
    if (!('next' in store)) throw new Error('not the store in memory');
    const updates = slack.count('chat.update');
    store.next('save', 'fail-before', 'fail-before');
    const clicked = await click(card, 'Approve', ANA);
    expect(clicked.status).toBe(200);
    expect(await told(clicked)).toBe(
      'This could not be saved just now. If the message does not change, click again.',
    );
    await quiet();
    expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    expect(slack.count('chat.update')).toBe(updates);
    expect(slack.messages(CHANNEL).find(({ ts }) => ts === card.ts)?.text).toContain('Approval needed');
  }));

test('a decision stands on the card, in the thread and in the audit; what a person alone was told is no record (S34)', () =>
  withApprovals(async ({ ask, click, becomes, told, shows, thread, store, slack, quiet }) => {
    const { id, card } = await ask();
    const seen = slack.look(card.channel, card.ts);
    await click(card, 'Approve', ANA);
    await becomes(id, 'approved');
    await told(await click(card, 'Approve', BEN, { seen }));
    await shows(card, `✅ Approved by <@${ANA}>`);
    await slack.when(() => thread(card).length === 1);
    await quiet();
    const audit = [
      ...(await store.readAudit(`approval/${id}`)),
      ...((await store.read(`approval/${id}`))?.audit.pending ?? []),
    ];
    expect(new Set(audit.map(({ entry }) => entry['event']))).toEqual(
      new Set(['opened', 'card posted', 'approved']),
    );
    expect(slack.count('chat.postEphemeral')).toBe(0);
  }));

test('a decision is read from the listener’s own store, never from the channel’s history (S36)', () =>
  withApprovals(async ({ ask, click, becomes, claim, shows, slack, quiet }) => {
    const { id, card } = await ask();
    await click(card, 'Approve', ANA);
    await becomes(id, 'approved');
    await claim(id);
    await shows(card, 'used by');
    await quiet();
    expect(slack.calls.filter(({ method }) => method.startsWith('conversations.'))).toEqual([]);
  }));

test('every update of a card has text and blocks, and new block ids (S18, S30)', () =>
  withApprovals(async ({ ask, click, becomes, slack, quiet }) => {
    const { id, card } = await ask({ quorum: 2 });
    await click(card, 'Approve', ANA);
    await quiet();
    await click(card, 'Approve', BEN);
    await becomes(id, 'approved');
    await quiet();
    const shown = slack.calls
      .filter(({ method }) => method === 'chat.postMessage' || method === 'chat.update')
      .filter(({ args }) => args['thread_ts'] === undefined);
    expect(shown.length).toBeGreaterThanOrEqual(3);
    const ids = shown.map(({ args }) =>
      JSON.stringify(args['blocks'])
        .match(/"block_id":"[^"]*"/g)
        ?.join(),
    );
    expect(new Set(ids).size).toBe(shown.length);
    for (const { args } of shown) expect(String(args['text'])).toMatch(/Approv/);
    expect(
      shown.filter(({ method }) => method === 'chat.update').every(({ args }) => args['ts'] === card.ts),
    ).toBe(true);
  }));

test('reminders and lines wait for a Slack that is away, and come', () =>
  withApprovals(async ({ ask, slack, thread, quiet, pass }) => {
    const { card } = await ask({ remind_every_seconds: 1200, timeout_seconds: 7200, mention: ['@here'] });
    await quiet();
    slack.outage(true);
    await pass(30 * MINUTE);
    expect(thread(card)).toEqual([]);
    slack.outage(false);
    await pass(6 * MINUTE);
    expect(thread(card)).toEqual([expect.stringMatching(/^🔔 Still waiting for 1 more/)]);
  }));
