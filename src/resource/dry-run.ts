import { formatSize } from '../kit/size.ts';
import type { Log } from '../kit/log.ts';
import { postArguments, updateArguments } from '../slack/post.ts';
import { lint } from './compose.ts';
import { isFilesOnly, isReactionOnly, previewOf, previewPartsOf, reactionOf } from './draft.ts';
import type { Draft } from './draft.ts';

const UNKNOWN_ID = '(random)';
const UNKNOWN_TS = '(ts of the message)';

/** Prints what would be sent, exactly but for signatures (the log masks them) and what only Slack can tell. Sends nothing. */
export function dryRun(draft: Draft, log: Log): void {
  const { targets, params, artifacts } = draft;
  const { message: earlier, thread, channels } = targets;
  const show = (method: string, payload: unknown) =>
    log.info(`dry run: ${method} ${JSON.stringify(payload, undefined, 2)}`);
  if (params.delete_from !== undefined) {
    show('chat.delete', { channel: earlier?.channel, ts: earlier?.ts });
    return;
  }
  const name = reactionOf(params);
  if (isReactionOnly(params)) {
    show('reactions.add', { channel: channels[0], timestamp: earlier?.ts ?? thread, name });
    return;
  }
  lint(previewOf(draft));
  for (const { mode, fileName, size } of artifacts)
    if (mode !== 'link') log.info(`dry run: upload ${fileName}, ${formatSize(size)}`);
  const files = artifacts.filter(({ mode }) => mode === 'upload').map(({ title }) => ({ title }));
  const alone = files.length > 0 && isFilesOnly(draft, previewPartsOf(draft)) && earlier === undefined;
  for (const channel of channels) {
    const { message, replies } = previewOf(draft, channel);
    if (earlier) show('chat.update', updateArguments(message, earlier));
    else if (!alone) {
      const target = { channel, thread, broadcast: params.broadcast };
      show('chat.postMessage', postArguments(message, target, UNKNOWN_ID));
    }
    const below = { channel, thread: thread ?? earlier?.thread ?? earlier?.ts ?? UNKNOWN_TS };
    for (const reply of replies) show('chat.postMessage', postArguments(reply, below, UNKNOWN_ID));
    if (files.length > 0)
      show('files.completeUploadExternal', {
        channel_id: channel,
        thread_ts: alone ? thread : below.thread,
        files,
      });
    if (name !== undefined) show('reactions.add', { channel, timestamp: earlier?.ts ?? UNKNOWN_TS, name });
  }
}
