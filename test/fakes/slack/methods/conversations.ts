import type { SlackApp } from '../apps.ts';
import type { Arguments } from '../arguments.ts';
import { channelById, openIm } from '../channels.ts';
import type { Method } from '../method.ts';
import { requireScope } from '../method.ts';
import { Refusal } from '../refusal.ts';
import { renderMessage } from '../render.ts';
import type { Channel, Message, Workspace } from '../workspace.ts';

export const conversationMethods: Readonly<Record<string, Method>> = {
  'conversations.list': {
    json: false,
    args: ['cursor', 'limit', 'types', 'exclude_archived', 'team_id'],
    run: list,
  },
  'conversations.open': {
    scope: 'im:write',
    json: true,
    args: ['users', 'return_im', 'prevent_creation'],
    run(args, slack, app) {
      const user = slack.users.find((one) => one.id === args.required('users'));
      if (user === undefined) throw new Refusal('user_not_found');
      if (user.deleted === true) throw new Refusal('user_disabled');
      return { channel: { id: openIm(slack, user.id, app).id } };
    },
  },
  'conversations.info': {
    json: false,
    args: ['channel', 'include_locale', 'include_num_members'],
    run(args, slack, app) {
      const channel = channelById(slack, args.required('channel'), app);
      requireScope(app, { public: 'channels:read', private: 'groups:read', im: 'im:read' }[channel.kind]);
      return { channel: renderChannel(channel, app) };
    },
  },
  'conversations.history': {
    json: false,
    args: ['channel', 'cursor', 'include_all_metadata', 'inclusive', 'latest', 'limit', 'oldest'],
    run: history,
  },
  'conversations.replies': {
    json: false,
    args: ['channel', 'ts', 'cursor', 'include_all_metadata', 'inclusive', 'latest', 'limit', 'oldest'],
    run: replies,
  },
};

function list(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const types = (args.text('types') ?? 'public_channel').split(',').map((type) => type.trim());
  if (types.includes('public_channel')) requireScope(app, 'channels:read');
  if (types.includes('private_channel')) requireScope(app, 'groups:read');
  if (types.some((type) => type !== 'public_channel' && type !== 'private_channel'))
    throw new Refusal('invalid_types');
  const wanted = slack.channels.filter(
    (channel) =>
      (channel.kind === 'public' && types.includes('public_channel')) ||
      (channel.kind === 'private' && channel.apps.has(app.id) && types.includes('private_channel')),
  );
  const limit = Math.min(args.integer('limit') ?? 100, slack.options.pageSize ?? 1000);
  if (limit < 1) throw new Refusal('invalid_limit');
  const start = pageStart(args, wanted.length);
  const page = wanted.slice(start, start + limit);
  // Slack filters after it has cut the page: a page may be short or empty and still not the last.
  const shown = page.filter((channel) => args.flag('exclude_archived') !== true || !channel.archived);
  return {
    channels: shown.map((channel) => renderChannel(channel, app)),
    ...nextCursor(start + limit, wanted.length),
  };
}

function renderChannel(channel: Channel, app: SlackApp): Record<string, unknown> {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: channel.kind === 'public',
    is_im: channel.kind === 'im',
    is_private: channel.kind === 'private',
    is_archived: channel.archived,
    is_member: channel.apps.has(app.id),
  };
}

function history(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = readable(args, slack, app);
  const shown = slack.messages
    .filter((one) => one.channel === channel.id && (one.thread_ts === undefined || one.reply_broadcast))
    .toReversed();
  return page(args, slack, shown);
}

function replies(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = readable(args, slack, app);
  const ts = args.required('ts');
  const all = slack.messages.filter((one) => one.channel === channel.id);
  const asked = all.find((one) => one.ts === ts);
  if (asked === undefined) throw new Refusal('thread_not_found');
  const parent = asked.thread_ts ?? ts;
  return page(
    args,
    slack,
    all.filter((one) => one.ts === parent || one.thread_ts === parent),
  );
}

const historyScope = { public: 'channels:history', private: 'groups:history', im: 'im:history' } as const;

function readable(args: Arguments, slack: Workspace, app: SlackApp): Channel {
  const channel = channelById(slack, args.required('channel'), app);
  requireScope(app, historyScope[channel.kind]);
  if (!channel.apps.has(app.id)) throw new Refusal('not_in_channel');
  return channel;
}

function page(args: Arguments, slack: Workspace, messages: readonly Message[]): Record<string, unknown> {
  const inRange = messages.filter((message) => within(message.ts, args));
  const limit = Math.min(args.integer('limit') ?? 100, 999);
  if (limit < 1) throw new Refusal('invalid_limit');
  const start = pageStart(args, inRange.length);
  const withMetadata = args.flag('include_all_metadata') === true;
  return {
    messages: inRange
      .slice(start, start + limit)
      .map((message) => renderMessage(slack, message, withMetadata)),
    has_more: start + limit < inRange.length,
    ...nextCursor(start + limit, inRange.length),
  };
}

function within(ts: string, args: Arguments): boolean {
  const inclusive = args.flag('inclusive') === true;
  const oldest = args.text('oldest');
  const latest = args.text('latest');
  if (oldest !== undefined && !(Number(ts) > Number(oldest) || (inclusive && ts === oldest))) return false;
  return latest === undefined || Number(ts) < Number(latest) || (inclusive && ts === latest);
}

function pageStart(args: Arguments, total: number): number {
  const cursor = args.text('cursor');
  if (cursor === undefined) return 0;
  const start = Number(/^page:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1]);
  if (Number.isNaN(start) || start >= total) throw new Refusal('invalid_cursor');
  return start;
}

function nextCursor(next: number, total: number): Record<string, unknown> {
  const cursor = next < total ? Buffer.from(`page:${next}`).toString('base64') : '';
  return { response_metadata: { next_cursor: cursor } };
}
