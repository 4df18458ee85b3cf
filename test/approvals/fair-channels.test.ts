import { expect, test } from 'vitest';
import { CHANNEL, OTHER_CHANNEL, withApprovals } from '../support/approvals-world.ts';

test('the card of one gate does not wait behind a crowd of cards in the channel of another', () =>
  withApprovals(
    async ({ ask, cards, open, slack }) => {
      await Promise.all(Array.from({ length: 40 }, () => open()));
      // Slack has begun to refuse the crowd.
      await slack.when(() => slack.count('chat.postMessage') > 3);
      const { card } = await ask({ gate: 'beside' });
      expect(card.channel).toBe(OTHER_CHANNEL);
      // Behind the crowd it would come after all of those that found no place.
      expect(cards().filter(({ channel }) => channel === CHANNEL).length).toBeLessThan(20);
    },
    { gates: { release: {}, beside: { channels: [OTHER_CHANNEL] } }, slack: { postEveryMs: 1000 } },
  ));
