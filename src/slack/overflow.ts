import { buildMessage } from './message.ts';
import type { LinkPart, Message, MessageParts } from './message.ts';

/** JSON characters of blocks that surely pass Slack's undocumented sum (S31), and of one message's links. */
const ROOM = 11_000;
const MOST_LINKS = 40;

/** A message, and what stands in its thread because it had no room. */
export interface Messages {
  readonly message: Message;
  readonly replies: readonly Message[];
}

/**
 * The message, and the replies below it that carry the links it has no room for: presigned links with session tokens are
 * up to 3,000 characters each, and Slack refuses a message past about 13,200 in all (S31).
 */
export function buildMessages(parts: MessageParts): Messages {
  const size = (links: readonly LinkPart[]) =>
    JSON.stringify(buildMessage({ ...parts, links }).blocks ?? []).length;
  const fits = parts.links.length <= MOST_LINKS && size(parts.links) <= ROOM;
  if (fits) return { message: buildMessage(parts), replies: [] };
  const own = fill(parts.links, (links) => size(links) <= ROOM);
  const replies: Message[] = [];
  for (let rest = parts.links.slice(own); rest.length > 0; ) {
    const count = Math.max(
      1,
      fill(rest, (links) => JSON.stringify(reply(links).blocks).length <= ROOM),
    );
    replies.push(reply(rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return { message: buildMessage({ ...parts, links: parts.links.slice(0, own) }), replies };
}

// How many of the links, from the first on, pass the test together.
function fill(links: readonly LinkPart[], passes: (links: readonly LinkPart[]) => boolean): number {
  let count = 0;
  while (count < Math.min(links.length, MOST_LINKS) && passes(links.slice(0, count + 1))) count++;
  return count;
}

function reply(links: readonly LinkPart[]): Message {
  return buildMessage({
    text: undefined,
    plain: false,
    mentions: [],
    blocks: [],
    links,
    images: [],
    buttons: [],
    files: [],
  });
}
