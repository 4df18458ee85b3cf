import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ChannelList, MessageList, UserList, type Message } from './emulate-answers.ts';
import type { ChannelView, WorkspaceView } from './model.ts';
import { showMessage } from './show-message.ts';

type Ask = <Schema extends TSchema>(schema: Schema, method: string, body: object) => Promise<Static<Schema>>;

const LATEST = 200;

/** Reads a channel, by name or id, as the page shows it: the latest 200 messages, oldest first. `first` leads the list. */
export async function readView(slackUrl: string, wanted: string, first: string): Promise<WorkspaceView> {
  const ask = asker(slackUrl);
  const [channels, people] = await Promise.all([readChannels(ask, first), ask(UserList, 'users.list', {})]);
  const channel = channels.find(({ id, name }) => name === wanted || id === wanted) ?? channels[0];
  if (!channel) throw new Error('emulate has no channel');

  const users = new Map(people.members.map((user) => [user.id, user]));
  const names = [...channels, ...people.members.map(({ id, real_name }) => ({ id, name: real_name }))];
  const show = (message: Message) => showMessage(message, users);
  const threads = await readThreads(ask, channel.id);
  return {
    workspace: 'Local workspace',
    channels,
    channel,
    threads: threads.map(([parent, ...replies]) => ({ message: show(parent), replies: replies.map(show) })),
    names: Object.fromEntries(names.map(({ id, name }) => [id, name])),
  };
}

async function readChannels(ask: Ask, first: string): Promise<ChannelView[]> {
  const { channels } = await ask(ChannelList, 'conversations.list', {
    types: 'public_channel,private_channel',
  });
  const views = channels.map(({ id, name, topic }) => ({ id, name, topic: topic.value }));
  return views.toSorted((a, b) => Number(b.name === first) - Number(a.name === first));
}

async function readThreads(ask: Ask, channel: string): Promise<[Message, ...Message[]][]> {
  const { messages } = await ask(MessageList, 'conversations.history', { channel, limit: LATEST });
  return Promise.all(
    messages.toReversed().map(async (parent): Promise<[Message, ...Message[]]> => {
      if (parent.reply_count === undefined) return [parent];
      const thread = await ask(MessageList, 'conversations.replies', { channel, ts: parent.ts });
      return [parent, ...thread.messages.filter(({ ts }) => ts !== parent.ts)];
    }),
  );
}

let readings = 0;

// emulate counts 5,000 calls an hour and token, then answers 403 for the rest of it. It takes any token as its admin's, so
// each reading brings its own.
function asker(slackUrl: string): Ask {
  const authorization = `Bearer page-${(readings += 1)}`;
  return async (schema, method, body) => {
    const answer = await fetch(new URL(`/api/${method}`, slackUrl), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return Value.Parse(schema, await answer.json());
  };
}
