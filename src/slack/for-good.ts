import { slackErrorOf } from './refusal.ts';

/** Refusals that no later try will change: the channel or the message is the matter. */
const FOR_GOOD = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'posting_to_channel_denied',
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_permission',
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
]);

/** Whether Slack has refused because of the channel or the message, so that no later try can succeed. */
export function isForGood(error: unknown): boolean {
  const why = slackErrorOf(error);
  return why !== undefined && FOR_GOOD.has(why);
}
