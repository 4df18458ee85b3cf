import type { Message } from './workspace.ts';
import { appId, botId, botUser, teamId } from './workspace.ts';

/** A message as the Web API shows it. Metadata is left out of history unless asked for. */
export function renderMessage(message: Message, withMetadata = true): Record<string, unknown> {
  return {
    type: 'message',
    user: message.user,
    ...(message.user === botUser ? { bot_id: botId, app_id: appId, team: teamId } : {}),
    text: message.text,
    ts: message.ts,
    ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
    ...(message.reply_broadcast ? { subtype: 'thread_broadcast' } : {}),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.attachments.length === 0 ? {} : { attachments: message.attachments }),
    ...(message.files.length === 0 ? {} : { files: message.files.map((id) => ({ id })) }),
    ...(message.metadata === undefined || !withMetadata ? {} : { metadata: message.metadata }),
    ...(message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map((name) => ({ name, users: [botUser], count: 1 })) }),
  };
}
