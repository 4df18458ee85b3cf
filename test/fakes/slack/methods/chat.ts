import { teamDomain } from '../apps.ts';
import type { SlackApp } from '../apps.ts';
import type { Arguments } from '../arguments.ts';
import { channelByAnyName, channelById, messageAt, requireParent } from '../channels.ts';
import { readContent } from '../content.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';
import { renderMessage } from '../render.ts';
import type { Channel, Message, Workspace } from '../workspace.ts';

/** chat.postMessage cuts longer text; facts/slack.md section 2.1. */
const maxPostedText = 40_000;
/** chat.update refuses longer text. */
const maxUpdatedText = 4_000;

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': {
    scope: 'chat:write',
    json: true,
    args: [
      'channel',
      'text',
      'blocks',
      'attachments',
      'metadata',
      'thread_ts',
      'reply_broadcast',
      'unfurl_links',
      'unfurl_media',
      'mrkdwn',
      'parse',
      'link_names',
      'username',
      'icon_url',
      'icon_emoji',
    ],
    run: postMessage,
  },
  'chat.update': {
    scope: 'chat:write',
    json: true,
    args: [
      'channel',
      'ts',
      'text',
      'blocks',
      'attachments',
      'metadata',
      'reply_broadcast',
      'parse',
      'link_names',
    ],
    run: update,
  },
  'chat.delete': { scope: 'chat:write', json: true, args: ['channel', 'ts'], run: remove },
  'chat.getPermalink': { json: false, args: ['channel', 'message_ts'], run: permalink },
};

function postMessage(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = channelByAnyName(slack, args.required('channel'), app);
  mayPost(channel, app);
  const content = readContent(args, slack);
  if (content.text === undefined && content.blocks.length === 0 && content.attachments.length === 0)
    throw new Refusal('no_text');
  const threadTs = args.text('thread_ts');
  if (threadTs !== undefined) requireParent(slack, channel, threadTs);
  const message: Message = {
    channel: channel.id,
    ts: slack.nextTs(),
    thread_ts: threadTs,
    user: app.botUser,
    app: app.id,
    text: (content.text ?? '').slice(0, maxPostedText),
    blocks: content.blocks,
    attachments: content.attachments,
    metadata: content.metadata,
    reactions: [],
    reply_broadcast: threadTs !== undefined && args.flag('reply_broadcast') === true,
    unfurl_links: args.flag('unfurl_links'),
    unfurl_media: args.flag('unfurl_media'),
    files: [],
    edited: false,
  };
  slack.messages.push(message);
  return { channel: channel.id, ts: message.ts, message: renderMessage(slack, message) };
}

function mayPost(channel: Channel, app: SlackApp): void {
  if (channel.archived) throw new Refusal('is_archived');
  if (!channel.apps.has(app.id) && !app.scopes.includes('chat:write.public'))
    throw new Refusal('not_in_channel');
}

function update(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'), app);
  const message = messageAt(slack, channel, args.required('ts'));
  if (message.app !== app.id) throw new Refusal('cant_update_message');
  if (channel.archived) throw new Refusal('is_inactive');
  if (message.frozen === true) throw new Refusal('edit_window_closed');
  const content = readContent(args, slack);
  const given = { blocks: 'blocks' in args.all, attachments: 'attachments' in args.all };
  if (content.text === undefined && !given.blocks && !given.attachments) throw new Refusal('no_text');
  if (content.text !== undefined && content.text.length > maxUpdatedText) throw new Refusal('msg_too_long');
  // Text alone wipes blocks and attachments; blocks alone leave the old text (S18).
  if (given.blocks || content.text !== undefined) message.blocks = content.blocks;
  if (given.attachments || content.text !== undefined) message.attachments = content.attachments;
  message.text = content.text ?? message.text;
  if (content.metadata !== undefined) {
    message.metadata = Object.keys(content.metadata).length === 0 ? undefined : content.metadata;
  }
  if (message.thread_ts !== undefined) message.reply_broadcast ||= args.flag('reply_broadcast') === true;
  message.edited = true;
  return { channel: channel.id, ts: message.ts, text: message.text, message: renderMessage(slack, message) };
}

function remove(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'), app);
  const message = messageAt(slack, channel, args.required('ts'));
  if (message.app !== app.id) throw new Refusal('cant_delete_message');
  slack.messages.splice(slack.messages.indexOf(message), 1);
  return { channel: channel.id, ts: message.ts };
}

function permalink(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'), app);
  const message = messageAt(slack, channel, args.required('message_ts'));
  const link = `${slack.options.webUrl ?? `https://${teamDomain}.slack.com`}/archives/${channel.id}/p${message.ts.replace('.', '')}`;
  const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel.id}`;
  return { channel: channel.id, permalink: link + thread };
}
