import type { SlackApp } from './apps.ts';
import type { Block, Channel, StoredFile, Workspace } from './workspace.ts';

export interface FileShare {
  readonly files: readonly StoredFile[];
  readonly channels: readonly Channel[];
  readonly threadTs: string | undefined;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly app: SlackApp;
}

/** Plans the messages that show completed files: they appear after `shareAfterMs`, as Slack does it in a queue. */
export function shareFiles(slack: Workspace, share: FileShare): void {
  // An upload with alt_txt completes and never appears (S7, python-slack-sdk#1818).
  const never = slack.options.neverShare === true || share.files.some((file) => file.altText !== undefined);
  if (never) return;
  const at = Date.now() + (slack.options.shareAfterMs ?? 30);
  for (const channel of share.channels)
    slack.pending.push({ at, share: () => appear(slack, channel, share) });
}

function appear(slack: Workspace, channel: Channel, share: FileShare): void {
  const ts = slack.nextTs();
  slack.messages.push({
    channel: channel.id,
    ts,
    thread_ts: share.threadTs,
    user: share.app.botUser,
    app: share.app.id,
    text: share.text,
    blocks: share.blocks,
    attachments: [],
    metadata: undefined,
    reactions: [],
    reply_broadcast: false,
    unfurl_links: undefined,
    unfurl_media: undefined,
    files: share.files.map((file) => file.id),
    edited: false,
  });
  for (const file of share.files) file.shares.push({ channel: channel.id, ts, thread_ts: share.threadTs });
}
