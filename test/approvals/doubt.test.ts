import { expect, test } from 'vitest';
import { BEN, withApprovals } from '../support/approvals-world.ts';

test('a denial that Slack does not explain keeps a gate shut that approves by timeout', () =>
  withApprovals(
    async ({ ask, click, becomes, clock, pass, slack, store, thread }) => {
      const { id, card } = await ask({ gate: 'silent' });
      // Near enough to the end that Slack is given up after it, and far enough that the click is before it.
      clock.skip(105_000);
      slack.fault('usergroups.users.list', 'hang', 1000);
      await click(card, 'Deny', BEN);
      expect((await store.read(`approval/${id}`))?.data['inbox']).toHaveLength(1);
      await pass(100_000);
      expect(await becomes(id, 'timed_out')).toMatchObject({
        note: expect.stringContaining('Slack did not say'),
      });
      expect(thread(card).filter((line) => line.includes('Approved'))).toEqual([]);
    },
    { gates: { silent: { onTimeout: 'approve', maxTimeoutMs: 120_000 } } },
  ));
