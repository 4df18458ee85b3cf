import { describe, expect, test } from 'vitest';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import { ANA, BEN, CEM, DEE, GROUP, withApprovals } from '../support/approvals-world.ts';

const HOUR = 3_600_000;

/** Gates whose policy the operator changes while requests are open, as a restart with another configuration does. */
function gatesOf(deploy: Partial<GatePolicy> = {}): Record<string, Partial<GatePolicy>> {
  return { deploy };
}

const gate = 'deploy';
const never = new AbortController().signal;

describe('a vote of somebody who has left the approvers since', () => {
  test('is not counted by a later one, and the thread says so (A11)', () =>
    withApprovals(
      async ({ ask, click, slack, clock, view, becomes, thread, quiet }) => {
        const { id, card } = await ask({ gate });
        await click(card, 'Approve', ANA);
        await quiet();
        slack.setGroup(GROUP, [BEN, CEM]);
        clock.skip(61_000);
        await click(card, 'Approve', BEN);
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 1 });
        await click(card, 'Approve', CEM);
        expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ben', 'cem'] });
        await quiet();
        expect(thread(card)).toEqual([
          expect.stringMatching(/^<@U0ANA000001> voted to approve: 1 of 2/),
          expect.stringMatching(/^⚖️ No longer counted, because they may not decide any more: <@U0ANA000001>/),
          expect.stringMatching(/^<@U0BEN000001> voted to approve: 1 of 2/),
          expect.stringMatching(/^✅ Approved by <@U0BEN000001>, <@U0CEM000001>/),
        ]);
      },
      { gates: gatesOf({ quorum: 2 }) },
    ));

  test('decides nothing while Slack does not say whether they still may; the person who clicks is told (A11)', () =>
    withApprovals(
      async ({ ask, click, slack, clock, view, told, refused, becomes }) => {
        const [{ id, card }, other] = [await ask({ gate }), await ask({ gate })];
        await click(card, 'Approve', ANA);
        clock.skip(61_000);
        slack.changeUser(ANA, { deleted: true });
        // Who Ben is, is known.
        await click(other.card, 'Approve', BEN);
        slack.fault('users.info', { error: 'missing_scope' }, 1);
        const clicked = await click(card, 'Approve', BEN);
        expect(await told(clicked)).toBe(
          'Slack did not say whether those who voted before you still may. Nothing changed: click again in a moment.',
        );
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 1 });
        expect(refused).toEqual(['recheck']);
        await click(card, 'Approve', BEN);
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 1 });
        await click(card, 'Approve', CEM);
        expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ben', 'cem'] });
      },
      { gates: gatesOf({ quorum: 2 }) },
    ));

  test('is looked up afterwards where Slack is slow, and the click that waits is counted without it (S15)', () =>
    withApprovals(
      async ({ ask, click, slack, clock, view, becomes, store, quiet }) => {
        const { id, card } = await ask({ gate });
        await click(card, 'Approve', ANA);
        slack.setGroup(GROUP, [BEN, CEM]);
        clock.skip(61_000);
        slack.fault('usergroups.users.list', 'hang');
        expect(await click(card, 'Approve', BEN)).toMatchObject({ status: 200, ephemerals: [] });
        expect((await store.read(`approval/${id}`))?.data['inbox']).toHaveLength(1);
        slack.release();
        await quiet();
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 1 });
        await click(card, 'Approve', CEM);
        expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ben', 'cem'] });
      },
      { gates: gatesOf({ quorum: 2 }) },
    ));

  test('is not counted on any replica, whoever is faster', () =>
    withApprovals(
      async ({ ask, click, slack, clock, becomes }) => {
        const { id, card } = await ask({ gate });
        const seen = structuredClone(card);
        await click(card, 'Approve', ANA);
        slack.setGroup(GROUP, [BEN, CEM, DEE]);
        clock.skip(61_000);
        await Promise.all([BEN, CEM, DEE].map((by) => click(card, 'Approve', by, { seen })));
        const { approvers } = await becomes(id, 'approved');
        expect(approvers).not.toContain('ana');
        expect(approvers).toHaveLength(3);
      },
      { gates: gatesOf({ quorum: 3 }), replicas: 2 },
    ));
});

test('a click that is saved while Slack is slow is decided by the policy of whoever decides it', async () => {
  const gates = gatesOf();
  await withApprovals(
    async ({ ask, click, slack, clock, view, told, store, quiet, restart }) => {
      const [one, other] = [await ask({ gate }), await ask({ gate })];
      clock.skip(61_000);
      slack.fault('usergroups.users.list', 'hang');
      const first = await click(one.card, 'Approve', ANA);
      const second = await click(other.card, 'Approve', BEN);
      expect((await store.read(`approval/${one.id}`))?.data['inbox']).toHaveLength(1);
      gates['deploy'] = { approvers: [BEN], requireReason: 'always' };
      await restart();
      slack.release();
      expect(await told(first)).toMatch(/^You are not one of/);
      expect(await told(second)).toBe('A reason is needed by now. Nothing changed: click again.');
      await quiet();
      for (const { id } of [one, other])
        expect(await view(id)).toMatchObject({ status: 'requested', votes: 0 });
    },
    { gates },
  );
});

describe('a request whose gate is gone', () => {
  test('is timed out, also where silence approved, and tells the build why', async () => {
    const gates = gatesOf({ onTimeout: 'approve', maxTimeoutMs: HOUR });
    await withApprovals(
      async ({ ask, click, told, refused, clock, becomes, pass, shows }) => {
        const { id, card } = await ask({ gate });
        delete gates['deploy'];
        expect(await told(await click(card, 'Approve', ANA))).toMatch(
          /^The gate of this request is no longer/,
        );
        expect(await told(await click(card, 'Deny', ANA))).toMatch(/^The gate of this request is no longer/);
        expect(refused).toEqual(['gate_gone', 'gate_gone']);
        clock.skip(HOUR);
        await pass(1000);
        expect(await becomes(id, 'timed_out')).toMatchObject({
          note: 'its gate is no longer configured, so nobody could decide: treated as denied',
        });
        await shows(card, 'Timed out');
      },
      { gates },
    );
  });

  test('cannot be taken back by a click either, once it is approved', async () => {
    const gates = gatesOf();
    await withApprovals(
      async ({ ask, click, told, becomes, shows, claim }) => {
        const { id, card } = await ask({ gate });
        await click(card, 'Approve', ANA);
        await becomes(id, 'approved');
        const now = await shows(card, 'Take back');
        delete gates['deploy'];
        expect(await told(await click(now, 'Take back', ANA))).toMatch(
          /^The gate of this request is no longer/,
        );
        expect((await claim(id, { gate })).status).toBe(404);
      },
      { gates },
    );
  });
});

describe('open requests', () => {
  test('are told once of a policy that changed, and again when it is as before', async () => {
    const gates = gatesOf();
    await withApprovals(
      async ({ ask, part, store, quiet, shows, thread, view, slack }) => {
        const { id, card } = await ask({ gate });
        const tell = async () => {
          await part().tellPolicies(store, never);
          await quiet();
          return (await store.read(`approval/${id}`))?.version;
        };
        await quiet();
        const before = (await store.read(`approval/${id}`))?.version;
        expect(await tell()).toBe(before);
        gates['deploy'] = { quorum: 2, approvers: [BEN, CEM] };
        const changed = await tell();
        expect(changed).toBeGreaterThan(before ?? 0);
        await shows(card, '*0 of 2*');
        await shows(card, `who are still in <@${BEN}>, <@${CEM}>`);
        expect(await view(id)).toMatchObject({ quorum: 2 });
        const updates = slack.count('chat.update');
        expect(await tell()).toBe(changed);
        expect(slack.count('chat.update')).toBe(updates);
        gates['deploy'] = {};
        await tell();
        await shows(card, '*0 of 1*');
        expect(thread(card)).toEqual([
          expect.stringMatching(/^⚖️ Its gate has other rules now: 2 must approve, and the card says who may/),
          expect.stringMatching(/^⚖️ Its gate has other rules now: 1 must approve, and the card says who may/),
        ]);
        const stored = JSON.stringify((await store.read(`approval/${id}`))?.data['terms']);
        expect(stored).not.toContain('present');
        expect(JSON.parse(stored)).toMatchObject({ quorum: 1, approvers: [GROUP] });
      },
      { gates },
    );
  });

  test('that were decided, and an end in between, are left alone', async () => {
    const gates = gatesOf();
    await withApprovals(
      async ({ ask, click, becomes, part, store, quiet, thread, lines }) => {
        const [done, open] = [await ask({ gate }), await ask({ gate })];
        await click(done.card, 'Approve', ANA);
        await becomes(done.id, 'approved');
        await quiet();
        delete gates['deploy'];
        await part().tellPolicies(store, AbortSignal.abort());
        await quiet();
        expect([thread(done.card).length, thread(open.card).length]).toEqual([1, 0]);
        await part().tellPolicies(store, never);
        await quiet();
        expect(thread(done.card)).toHaveLength(1);
        expect(thread(open.card)).toEqual([
          expect.stringMatching(/^⚠️ Its gate is no longer configured: nobody can decide/),
        ]);
        expect(lines).toContainEqual(
          expect.stringContaining(`approval/${open.id} waits at the gate deploy, which is not configured`),
        );
      },
      { gates },
    );
  });

  test('are told as far as the store can say, which holds up nothing', () =>
    withApprovals(async ({ part, lines }) => {
      const list = () => Promise.reject(new Error('the table is away'));
      await part().tellPolicies({ list }, never);
      expect(lines).toContainEqual(
        expect.stringContaining('not all open requests were told of the policies of now: the table is away'),
      );
    }));
});
