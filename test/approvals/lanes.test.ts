import { expect, test } from 'vitest';
import { ANA, DEE, withApprovals } from '../support/approvals-world.ts';

test('a click whose person Slack must be asked about does not wait behind cards that hang', () =>
  withApprovals(
    async ({ ask, open, click, becomes, clock, slack }) => {
      const { id, card } = await ask();
      // What is known of people is too old by now.
      clock.skip(61_000);
      const posted = slack.count('chat.postMessage');
      slack.fault('chat.postMessage', 'hang', 100);
      // A channel has a share of the places: it takes several to fill them.
      const crowd = Array.from({ length: 20 }, (_, at) =>
        open({ gate: 'other', channel: `C0CROWD000${at % 5}` }),
      );
      await Promise.all(crowd);
      await slack.when(() => slack.count('chat.postMessage') - posted >= 16);
      slack.fault('usergroups.users.list', { slow: 600 });
      await click(card, 'Approve', ANA);
      expect(await becomes(id, 'approved')).toMatchObject({ approvers: ['ana'] });
      // None of them has been given up meanwhile, or another would have been posted in its place.
      expect(slack.count('chat.postMessage') - posted).toBe(16);
    },
    { gates: { other: { approvers: [DEE], channels: [] } } },
  ));
