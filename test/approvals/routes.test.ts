import { describe, expect, test } from 'vitest';
import { ANA, BEN, CHANNEL, ORIGIN, withApprovals } from '../support/approvals-world.ts';

describe.each(['memory', 'sqlite'] as const)('on the %s store', (store) => {
  test('a request becomes a card, a signed click a decision, and the long poll sees it', () =>
    withApprovals(
      async ({ open, poll, shows, click, cards, thread, becomes, poked, slack }) => {
        const opened = await open({ context: { version: '1.2.3' } });
        expect(opened).toMatchObject({
          status: 201,
          body: { gate: 'release', status: 'requested', votes: 0, quorum: 1 },
        });
        const id = String(opened.body['approval']);
        await slack.when(() => cards().length === 1);
        const [card = { channel: '', ts: '' }] = cards();
        const posted = await poll(id, opened.body['revision']);
        expect(posted.body).toMatchObject({ channel: CHANNEL, status: 'requested' });
        const waiting = poll(id, posted.body['revision']);
        const clicked = await click(card, 'Approve', ANA);
        expect([clicked.status, clicked.body]).toEqual([200, '']);
        await waiting;
        expect(await becomes(id, 'approved')).toMatchObject({
          approvers: ['ana'],
          context: { version: '1.2.3' },
        });
        const shown = await shows(card, '✅ Approved by');
        expect(JSON.stringify(shown.blocks)).toContain(`<@${ANA}>`);
        await slack.when(() => thread(card).some((line) => line.startsWith(`✅ Approved by <@${ANA}>`)));
        await slack.when(() => poked.includes('release'));
      },
      { store },
    ));

  test('two approvers decide a quorum of two, and the card counts them', () =>
    withApprovals(
      async ({ ask, click, shows, becomes, view }) => {
        const { id, card } = await ask({ quorum: 2 });
        await click(card, 'Approve', ANA);
        await shows(card, '*1 of 2*');
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 1 });
        await click(card, 'Approve', BEN);
        expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ana', 'ben'] });
      },
      { store },
    ));

  test('two approvers in the same millisecond: one decision, and the other is told who was faster (S26, A3)', () =>
    withApprovals(
      async ({ ask, click, becomes, told, view, shows, quiet, thread, slack }) => {
        const { id, card } = await ask();
        const seen = slack.look(card.channel, card.ts);
        const clicks = await Promise.all([
          click(card, 'Approve', ANA, { seen }),
          click(card, 'Deny', BEN, { seen }),
        ]);
        const { status } = await view(id);
        expect(clicks.map((each) => each.status)).toEqual([200, 200]);
        expect(['approved', 'denied']).toContain(status);
        await becomes(id, String(status));
        const [loser] = status === 'approved' ? clicks.slice(1) : clicks;
        expect(loser && (await told(loser))).toMatch(
          /^Already (approved|denied) by <@U0(ANA|BEN)000001> at .* Nothing changed\.$/,
        );
        await shows(card, status === 'approved' ? '✅' : '⛔');
        await quiet();
        expect(thread(card).filter((line) => /^(✅|⛔)/.test(line))).toHaveLength(1);
      },
      { store },
    ));

  test('a claim is single, and survives a restart of the listener', () =>
    withApprovals(
      async ({ ask, click, becomes, claim, restart, shows }) => {
        const { id, card } = await ask({ context: { version: '1.2.3' } });
        await click(card, 'Approve', ANA);
        await becomes(id, 'approved');
        await restart();
        expect(await claim(id, { expect: { version: '1.2.3' } })).toMatchObject({
          status: 200,
          body: { claimed_by: 'app/deploy #41' },
        });
        expect((await claim(id)).status).toBe(200);
        expect(await claim(id, { origin: { ...ORIGIN, build_id: '5001' } })).toMatchObject({ status: 409 });
        await shows(card, 'used by app/deploy #41');
      },
      { store },
    ));
});
