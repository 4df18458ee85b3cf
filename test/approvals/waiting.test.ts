import { describe, expect, test } from 'vitest';
import { ANA, BEN, ORIGIN, withApprovals } from '../support/approvals-world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A put that is about to be given up has this long to be heard all the same. */
const LAST_CALL = MINUTE + SECOND;

describe('a waiting put', () => {
  test('that stops is shown on the card, and the request is withdrawn when it does not come back', () =>
    withApprovals(async ({ ask, request, shows, becomes, pass, view, thread, slack }) => {
      const { id, card } = await ask({ wait: true });
      const left = await request('POST', `/v1/approvals/${id}/detach`, { origin: ORIGIN, reason: 'SIGTERM' });
      expect(left).toMatchObject({ status: 200, body: { status: 'requested' } });
      await shows(card, '⏸ build stopped');
      await pass(2 * MINUTE);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      await pass(LAST_CALL);
      expect(await becomes(id, 'withdrawn')).toMatchObject({ note: 'build stopped' });
      await shows(card, '↩️ Withdrawn: build stopped');
      await slack.when(() =>
        thread(card).some((line) => line.startsWith('⏸ The waiting build stopped (SIGTERM)')),
      );
    }));

  test('that comes back with the same key goes on with the same card, and what was decided meanwhile counts', () =>
    withApprovals(async ({ ask, open, request, shows, cards, click, pass, view, becomes, slack }) => {
      const { id, card } = await ask({ wait: true, key: 'k' });
      await request('POST', `/v1/approvals/${id}/detach`, { origin: ORIGIN });
      await shows(card, '⏸ build stopped');
      await pass(MINUTE);
      expect(await open({ wait: true, key: 'k' })).toMatchObject({
        status: 200,
        body: { approval: id, status: 'requested' },
      });
      await slack.when(() => !JSON.stringify(cards()).includes('build stopped'));
      await pass(1.5 * MINUTE);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      await request('POST', `/v1/approvals/${id}/detach`, { origin: ORIGIN });
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      expect(await open({ wait: true, key: 'k' })).toMatchObject({
        status: 200,
        body: { approval: id, status: 'approved' },
      });
      expect(cards()).toHaveLength(1);
    }));

  test('that was killed without a word is given up two minutes after its last poll, and a last call', () =>
    withApprovals(async ({ ask, request, pass, view, becomes }) => {
      const { id } = await ask({ wait: true });
      for (let poll = 0; poll < 12; poll++) {
        await pass(25 * SECOND);
        expect((await request('GET', `/v1/approvals/${id}?hold=true`)).body).toMatchObject({
          status: 'requested',
        });
      }
      await pass(2 * MINUTE);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      await pass(MINUTE);
      await pass(LAST_CALL);
      await becomes(id, 'withdrawn');
    }));

  test('is not held by those who may not open, or could not have opened it (C25)', () =>
    withApprovals(async ({ ask, request, pass, becomes }) => {
      const { id } = await ask({ wait: true });
      for (let poll = 0; poll < 5; poll++) {
        await pass(25 * SECOND);
        await request('GET', `/v1/approvals/${id}?hold=true`, undefined, 'twin');
        await request('GET', `/v1/approvals/${id}?hold=true`, undefined, 'reader');
      }
      await pass(MINUTE);
      await pass(LAST_CALL);
      await becomes(id, 'withdrawn');
    }));

  test('is not stopped or withdrawn by another pipeline or token (C25)', () =>
    withApprovals(async ({ ask, request, view }) => {
      const { id } = await ask({ wait: true });
      for (const how of ['detach', 'withdraw']) {
        expect((await request('POST', `/v1/approvals/${id}/${how}`, { origin: ORIGIN }, 'twin')).status).toBe(
          404,
        );
        const other = { origin: { ...ORIGIN, pipeline: 'other' } };
        expect((await request('POST', `/v1/approvals/${id}/${how}`, other)).status).toBe(404);
      }
      expect(await view(id)).toMatchObject({ status: 'requested' });
    }));

  test('has its time anew when the listener was away itself, however long', () =>
    withApprovals(async ({ ask, restart, pass, view, becomes }) => {
      const { id } = await ask({ wait: true, timeout_seconds: 8 * 3600 });
      await restart(HOUR);
      await pass(1.8 * MINUTE);
      expect(await view(id)).toMatchObject({ status: 'requested' });
      await pass(0.4 * MINUTE);
      await pass(LAST_CALL);
      await becomes(id, 'withdrawn');
    }));

  test('goes on over a restart: a poll finds its request, and a click its card', () =>
    withApprovals(
      async ({ ask, restart, poll, click, view }) => {
        const { id, card } = await ask({ wait: true });
        await restart(10 * SECOND);
        const { revision } = await view(id);
        const waiting = poll(id, revision, '&hold=true');
        await click(card, 'Approve', ANA);
        expect((await waiting).body).toMatchObject({ status: 'approved', approvers: ['ana'] });
      },
      { store: 'sqlite' },
    ));
});

describe('time', () => {
  test('over denies, on the card and for the gate', () =>
    withApprovals(async ({ ask, pass, becomes, shows, request, quiet }) => {
      const { id, card } = await ask({ timeout_seconds: 3600 });
      await pass(HOUR + 5 * SECOND);
      expect(await becomes(id, 'timed_out')).toMatchObject({
        note: 'nobody decided in time, treated as denied',
      });
      await shows(card, '⌛ No decision in time, treated as denied');
      await quiet();
      const gate = await request('GET', '/v1/gates/release/decisions?emit=timed_out');
      expect(gate.body).toMatchObject({ decisions: [{ approval: id, status: 'timed_out' }] });
    }));

  test('over approves where the gate says so, and nobody is named', () =>
    withApprovals(
      async ({ ask, pass, becomes, shows, claim }) => {
        const { id, card } = await ask();
        await pass(8 * HOUR + 5 * SECOND);
        expect(await becomes(id, 'approved')).toMatchObject({
          approvers: [],
          note: 'by timeout, as the gate says',
        });
        await shows(card, '✅ Approved by timeout, as the gate says');
        expect((await claim(id)).status).toBe(200);
      },
      { gates: { release: { onTimeout: 'approve' } } },
    ));

  test('over waits for a click that came before, while Slack says who it was', () =>
    withApprovals(
      async ({ ask, click, clock, slack, becomes, store, engine }) => {
        const { id, card } = await ask({ timeout_seconds: 3600 });
        clock.skip(HOUR - 10 * SECOND);
        slack.fault('usergroups.users.list', 'hang');
        await click(card, 'Approve', ANA);
        clock.skip(10 * SECOND);
        await engine().sweep();
        expect((await store.read(`approval/${id}`))?.status).toBe('open');
        slack.release();
        expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ana'] });
      },
      { everyMs: 300 },
    ));

  test('brings reminders into the thread until somebody decides', () =>
    withApprovals(async ({ ask, click, pass, thread, becomes, quiet }) => {
      const { id, card } = await ask({ timeout_seconds: 7200, remind_every_seconds: 1800 });
      await pass(65 * MINUTE);
      expect(thread(card).filter((line) => line.startsWith('🔔'))).toHaveLength(2);
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await pass(40 * MINUTE);
      await quiet();
      expect(thread(card).filter((line) => line.startsWith('🔔'))).toHaveLength(2);
    }));

  test('over makes an unused approval expire, and its card lose the button', () =>
    withApprovals(async ({ ask, click, becomes, pass, shows }) => {
      const { id, card } = await ask();
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      await pass(24 * HOUR);
      await becomes(id, 'expired');
      expect(JSON.stringify((await shows(card, 'not used in time')).blocks)).not.toContain(
        'approval:take_back',
      );
    }));

  test('passes for a listener that was away: what was due is done when it is back', () =>
    withApprovals(
      async ({ ask, restart, becomes }) => {
        const { id } = await ask({ timeout_seconds: 60 });
        await restart(HOUR);
        await becomes(id, 'timed_out');
      },
      { store: 'sqlite' },
    ));
});

describe('a newer request on the same subject', () => {
  test('takes the place of the older ones, and their cards say so', () =>
    withApprovals(async ({ ask, becomes, shows, view, told, click, quiet }) => {
      const [first, second] = [await ask({ subject: 'app' }), await ask({ subject: 'app' })];
      await becomes(first.id, 'withdrawn');
      const third = await ask({ subject: 'app' });
      expect(await becomes(second.id, 'withdrawn')).toMatchObject({ note: 'a newer request took its place' });
      await shows(first.card, '↩️ Withdrawn: a newer request took its place');
      await quiet();
      expect(await view(third.id)).toMatchObject({ status: 'requested' });
      expect(await told(await click(first.card, 'Approve', ANA, { seen: first.card }))).toMatch(
        /^Already withdrawn at .* \(a newer request took its place\)\. Nothing changed\.$/,
      );
    }));

  test('leaves alone what is approved, what did not want to be superseded by it, and what is another’s (C25)', () =>
    withApprovals(
      async ({ ask, open, click, becomes, view, request, quiet }) => {
        const approved = await ask({ subject: 'app' });
        await click(approved.card, 'Approve', BEN);
        await becomes(approved.id, 'approved');
        const others = [
          await open({ subject: 'app' }, 'twin'),
          await open({ subject: 'app', origin: { ...ORIGIN, pipeline: 'other' } }),
          await open({ subject: 'app', origin: { ...ORIGIN, instance_vars: '{"env":"dev"}' } }),
          await open({ subject: 'app', gate: 'second' }),
          await open({ subject: 'other' }),
          await open({}),
        ];
        const last = await ask({ subject: 'app' });
        const beside = await ask({ subject: 'app', supersede: false });
        await quiet();
        for (const id of [...others.map(({ body }) => String(body['approval'])), last.id, beside.id])
          expect((await request('GET', `/v1/approvals/${id}`, undefined, 'reader')).body).toMatchObject({
            status: 'requested',
          });
        expect(await view(approved.id)).toMatchObject({ status: 'approved' });
        await ask({ subject: 'app' });
        for (const { id } of [last, beside]) await becomes(id, 'withdrawn');
      },
      { gates: { second: {} } },
    ));
});
