import type { Arguments } from '../arguments.ts';
import { isRecord } from '../arguments.ts';
import { blocksProblem } from '../blocks/blocks-problem.ts';
import { channelByAnyName, channelById, messageAt, requireParent } from '../channels.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';
import { renderMessage } from '../render.ts';
import type { Block, Channel, Message, Workspace } from '../workspace.ts';
import { botUser } from '../workspace.ts';

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

function postMessage(args: Arguments, slack: Workspace): Record<string, unknown> {
  const channel = channelByAnyName(slack, args.required('channel'));
  mayPost(slack, channel);
  const content = readContent(args, slack);
  if (content.text === undefined && content.blocks.length === 0 && content.attachments.length === 0)
    throw new Refusal('no_text');
  const threadTs = args.text('thread_ts');
  if (threadTs !== undefined) requireParent(slack, channel, threadTs);
  const message: Message = {
    channel: channel.id,
    ts: slack.nextTs(),
    thread_ts: threadTs,
    user: botUser,
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
  return { channel: channel.id, ts: message.ts, message: renderMessage(message) };
}

function mayPost(slack: Workspace, channel: Channel): void {
  if (channel.archived) throw new Refusal('is_archived');
  if (!channel.member && !slack.scopes.includes('chat:write.public')) throw new Refusal('not_in_channel');
}

function update(args: Arguments, slack: Workspace): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'));
  const message = messageAt(slack, channel, args.required('ts'));
  if (message.user !== botUser) throw new Refusal('cant_update_message');
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
  return { channel: channel.id, ts: message.ts, text: message.text, message: renderMessage(message) };
}

function remove(args: Arguments, slack: Workspace): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'));
  const message = messageAt(slack, channel, args.required('ts'));
  if (message.user !== botUser) throw new Refusal('cant_delete_message');
  slack.messages.splice(slack.messages.indexOf(message), 1);
  return { channel: channel.id, ts: message.ts };
}

function permalink(args: Arguments, slack: Workspace): Record<string, unknown> {
  const channel = channelById(slack, args.required('channel'));
  const message = messageAt(slack, channel, args.required('message_ts'));
  const link = `https://fake.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
  const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel.id}`;
  return { channel: channel.id, permalink: link + thread };
}

interface Content {
  readonly text: string | undefined;
  readonly blocks: readonly Block[];
  readonly attachments: readonly unknown[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

function readContent(args: Arguments, slack: Workspace): Content {
  const blocks = args.list('blocks', 'invalid_blocks_format') ?? [];
  const problem = blocksProblem(blocks, slack);
  if (problem !== undefined) throw problem;
  const attachments = args.list('attachments', 'invalid_attachments') ?? [];
  if (attachments.length > 100) throw new Refusal('too_many_attachments');
  requireValidAttachments(attachments, slack);
  return { text: args.text('text'), blocks: records(blocks), attachments, metadata: readMetadata(args) };
}

function requireValidAttachments(attachments: readonly unknown[], slack: Workspace): void {
  for (const [index, attachment] of attachments.entries()) {
    if (!isRecord(attachment)) throw new Refusal('invalid_attachments');
    const { blocks } = attachment;
    const problem = Array.isArray(blocks)
      ? blocksProblem(blocks, slack, `/attachments/${index}/blocks`)
      : undefined;
    if (problem !== undefined) throw problem;
  }
}

function records(blocks: readonly unknown[]): Block[] {
  return blocks.filter(isRecord);
}

function readMetadata(args: Arguments): Readonly<Record<string, unknown>> | undefined {
  const metadata = args.object('metadata', 'invalid_metadata_format');
  if (metadata === undefined || Object.keys(metadata).length === 0) return metadata;
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || typeof payload !== 'object') throw new Refusal('invalid_metadata_schema');
  return metadata;
}
