import type { Log } from '../kit/log.ts';
import { lint } from './compose.ts';
import { isReactionOnly, previewOf } from './draft.ts';
import type { Draft } from './draft.ts';

/** Prints what would be sent, exactly but for signatures (the log masks them) and what only Slack can tell. Sends nothing. */
export function dryRun(draft: Draft, log: Log): void {
  const { targets, params, artifacts } = draft;
  if (params.delete_from !== undefined) {
    log.info(`dry run: chat.delete ${JSON.stringify(targets.message)}`);
    return;
  }
  const show = (method: string, payload: unknown) =>
    log.info(`dry run: ${method} ${JSON.stringify(payload, undefined, 2)}`);
  if (isReactionOnly(draft)) {
    show('reactions.add', {
      channel: targets.channels[0],
      timestamp: targets.message?.ts ?? targets.thread,
      name: params.react,
    });
    return;
  }
  lint(previewOf(draft));
  for (const channel of targets.channels) {
    const place = targets.message
      ? { ts: targets.message.ts }
      : { thread_ts: targets.thread, reply_broadcast: params.broadcast };
    const { message, replies } = previewOf(draft, channel);
    const payload = { channel: targets.message?.channel ?? channel, ...place, ...message };
    show(targets.message ? 'chat.update' : 'chat.postMessage', payload);
    for (const reply of replies) show('chat.postMessage, in its thread,', { channel, ...reply });
  }
  for (const { mode, fileName, size } of artifacts)
    if (mode !== 'link') log.info(`dry run: upload ${fileName}, ${size} bytes`);
}
