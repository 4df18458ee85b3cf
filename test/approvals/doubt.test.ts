import { expect, test } from 'vitest';
import { BEN, withApprovals } from '../support/approvals-world.ts';

test('a denial that Slack does not explain keeps a gate shut that approves by timeout', () =>
  withApprovals(
    async ({ ask, click, becomes, clock, pass, slack, thread }) => {
      const { id, card } = await ask({ gate: 'silent' });
      clock.skip(118_000);
      slack.fault('usergroups.users.list', { http: 500 }, 1000);
      await click(card, 'Deny', BEN);
      await pass(80_000);
      expect(await becomes(id, 'timed_out')).toMatchObject({
        note: expect.stringContaining('Slack did not say'),
      });
      expect(thread(card).filter((line) => line.includes('Approved'))).toEqual([]);
    },
    { gates: { silent: { onTimeout: 'approve', maxTimeoutMs: 120_000 } } },
  ));
