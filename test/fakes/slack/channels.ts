import type { SlackApp } from './apps.ts';
import { Refusal } from './refusal.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** The channel of an id. Names are refused: only chat.postMessage takes them (S4). */
export function channelById(slack: Workspace, id: string, app: SlackApp): Channel {
  const channel = slack.channels.find((one) => one.id === id);
  if (channel === undefined || !visible(channel, app)) throw new Refusal('channel_not_found');
  return channel;
}

/** The channel of an id, `name`, `#name` or user id; a user id opens the conversation. */
export function channelByAnyName(slack: Workspace, given: string, app: SlackApp): Channel {
  const name = given.startsWith('#') ? given.slice(1) : given;
  const found = slack.channels.find((one) => one.id === given || (one.kind !== 'im' && one.name === name));
  if (found !== undefined && visible(found, app)) return found;
  if (found === undefined && slack.users.some((user) => user.id === given)) return openIm(slack, given, app);
  throw new Refusal('channel_not_found');
}

/** The direct conversation with a person, made when there is none. */
export function openIm(slack: Workspace, user: string, app: SlackApp): Channel {
  const open = slack.channels.find((one) => one.user === user && one.apps.has(app.id));
  if (open !== undefined) return open;
  const channel: Channel = {
    id: slack.nextId('D'),
    name: '',
    kind: 'im',
    archived: false,
    apps: new Set([app.id]),
    people: new Set([user]),
    everyone: false,
    user,
  };
  slack.channels.push(channel);
  return channel;
}

/** The channel's message; `message_not_found` if there is none. */
export function messageAt(slack: Workspace, channel: Channel, ts: string): Message {
  const message = slack.messages.find((one) => one.channel === channel.id && one.ts === ts);
  if (message === undefined) throw new Refusal('message_not_found');
  return message;
}

/** Refuses a thread that does not start with a known parent message. */
export function requireParent(slack: Workspace, channel: Channel, ts: string): void {
  const parent = slack.messages.find((one) => one.channel === channel.id && one.ts === ts);
  if (parent === undefined || parent.thread_ts !== undefined) throw new Refusal('thread_not_found');
}

// To an outsider a private channel or a conversation of others does not exist.
function visible(channel: Channel, app: SlackApp): boolean {
  return channel.kind === 'public' || channel.apps.has(app.id);
}
