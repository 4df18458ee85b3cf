import type { Snapshot } from '../durable/machine.ts';
import { escapeMrkdwn, truncate } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import { shortId } from './card.ts';
import { context, header, plain, section } from './card-parts.ts';
import type { Approval } from './record.ts';

/** What a second card of a request becomes: no buttons, and where the card is. */
export function strayCardOf({ id, data }: Snapshot<Approval>): Message {
  const { card, terms } = data;
  const place = card?.permalink === undefined ? 'Another message' : `<${card.permalink}|Another message>`;
  const spoken = `↪️ Not the card of this request: ${escapeMrkdwn(terms.title)} (${escapeMrkdwn(terms.gate)})`;
  return {
    text: truncate(spoken, 3000),
    blocks: [
      header(`↪️ Not the card · ${terms.gate}`),
      section(plain(terms.title, 1000)),
      context(
        `${place} is the card of this request. What was clicked here did not count.`,
        `#${shortId(id)}`,
      ),
    ],
  };
}
