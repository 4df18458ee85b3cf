import { teamId } from './apps.ts';
import type { Message, Workspace } from './workspace.ts';

/** A message as the Web API shows it. Metadata is left out of history unless asked for. */
export function renderMessage(
  slack: Workspace,
  message: Message,
  withMetadata = true,
): Record<string, unknown> {
  const app = slack.apps.find((one) => one.id === message.app);
  return {
    type: 'message',
    user: message.user,
    ...(app === undefined ? {} : { bot_id: app.botId, app_id: app.id, team: teamId }),
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
      : {
          reactions: message.reactions.map((name) => ({ name, users: [slack.apps[0]?.botUser], count: 1 })),
        }),
  };
}
