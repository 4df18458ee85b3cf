import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';

const REINSTALL = 'add it on the app page under OAuth & Permissions, then reinstall the app';

/** What a person does about an error code of Slack; the ones people meet (slack.md, method pages). `{channel}` is the call's. */
const REMEDIES: Readonly<Record<string, string>> = {
  access_denied: 'the app may not do this: check its scopes and the workspace settings',
  accesslimited:
    'the workspace takes calls only from some networks: ask an administrator to add that of the workers',
  account_inactive: 'the app was removed from the workspace: reinstall it and update source.slack.token',
  already_reacted: 'nothing to do',
  cant_delete_message: 'an app can delete only its own messages: use the token that posted it',
  cant_update_message: 'an app can update only its own messages: use the token that posted it',
  channel_not_found:
    'check the name or id {channel}; the app sees a private channel only after /invite @app-name there',
  edit_window_closed: 'the workspace forbids late edits: post in a thread instead',
  ekm_access_denied: "the workspace's administrators have suspended posting (key management)",
  file_type_not_allowed: 'the workspace forbids this file type: post it as a link',
  file_update_failed: 'run the step again',
  file_upload_size_restricted: 'the workspace limits the size of files: post it as a link',
  file_uploads_disabled: 'the workspace forbids uploads: post it as a link',
  file_uploads_except_images_disabled: 'the workspace forbids uploads but images: post it as a link',
  invalid_auth: 'check source.slack.token: it must be the bot token (xoxb-…) of an installed app',
  invalid_blocks_format: 'blocks must be a list of Block Kit blocks',
  invalid_channel: 'check the name or id; the app sees a private channel only after /invite there',
  invalid_name: 'check react: an emoji name without colons, such as white_check_mark',
  is_archived: '{channel} is archived: unarchive it or choose another',
  is_inactive: 'the channel is frozen, archived or deleted: post elsewhere',
  message_limit_exceeded: 'the workspace has sent all messages of its plan: ask an administrator',
  message_not_found: 'check thread, update or the folder it came from: no such message in that channel',
  messages_tab_disabled:
    'the app takes no direct messages: switch on its Messages Tab (App Home on the app page)',
  missing_post_type: 'run the step again',
  msg_blocks_too_long: 'shorten the message, or put the rest into a file artifact',
  msg_too_long: 'shorten the text, or put it into a file artifact',
  no_permission: 'the app may not do this: check its scopes and the workspace settings',
  not_allowed_token_type:
    'source.slack.token is of another kind (xapp-, xoxp- …): use the bot token (xoxb-…) of the app',
  not_authed: 'set source.slack.token',
  not_in_channel: 'invite the app to {channel}: write /invite @app-name there',
  org_login_required: 'the workspace is being migrated: try later',
  posting_to_channel_denied: 'a workspace setting forbids this app to post there: ask an administrator',
  restricted_action: 'a workspace setting forbids this app to post to {channel}: ask an administrator',
  restricted_action_non_threadable_channel: 'the channel takes no replies: post without thread',
  restricted_action_read_only_channel: '{channel} is read-only: ask an administrator, or choose another',
  restricted_action_thread_locked: 'the thread is locked: post elsewhere',
  restricted_action_thread_only_channel: 'the channel takes only replies: set thread, or choose another',
  storage_limit_reached: 'the workspace is out of file storage: post it as a link',
  team_access_not_granted: 'install the app in this workspace',
  team_added_to_org: 'the workspace is being migrated: try later',
  team_not_found: 'an organisation-wide token needs the channel id, not its name',
  thread_not_found: 'check thread: the ts of a parent message in that channel',
  token_expired: 'the token has expired: rotate it and update source.slack.token',
  token_revoked: 'the token was revoked: reinstall the app and update source.slack.token',
  too_many_reactions: 'the message has all the reactions it can have',
  user_disabled: 'that member was deactivated: choose another',
  user_not_found: 'check the e-mail or user id',
  users_not_found: 'check mention: no member of this workspace has that e-mail address',
};

/** The Fault for `ok: false`. Slack's own messages (json-pointers of bad blocks, missing scopes) are kept. */
export function refusalOf(
  method: string,
  error: string,
  answer: Readonly<Record<string, unknown>>,
  args: Readonly<Record<string, unknown>> = {},
): Fault {
  const details = [...detailsOf(answer), ...scopesOf(error, answer)];
  const text = `Slack refused ${method}: ${error}${details.length > 0 ? ` (${details.join('; ')})` : ''}`;
  return new Fault('SLACK_REFUSED', text, {
    hint: hintOf(error, answer, channelOf(args)),
    cause: { slackError: error },
  });
}

/** The error code of Slack inside a Fault of `refusalOf`. */
export function slackErrorOf(fault: unknown): string | undefined {
  if (!(fault instanceof Fault) || !isRecord(fault.cause)) return undefined;
  const error = fault.cause['slackError'];
  return typeof error === 'string' ? error : undefined;
}

function channelOf(args: Readonly<Record<string, unknown>>): string {
  const channel = args['channel'] ?? args['channel_id'];
  return typeof channel === 'string' ? channel : 'the channel';
}

function hintOf(error: string, answer: Readonly<Record<string, unknown>>, channel: string): string {
  if (error === 'missing_scope') {
    const needed = typeof answer['needed'] === 'string' ? answer['needed'] : 'that this method needs';
    return `the app lacks the scope ${needed}: ${REINSTALL}`;
  }
  const remedy = Object.hasOwn(REMEDIES, error) ? REMEDIES[error] : undefined;
  if (remedy !== undefined) return remedy.replace('{channel}', () => channel);
  if (detailsOf(answer).length > 0) return 'mend the place named in brackets';
  return `look up "${error}" on the method's page at docs.slack.dev`;
}

function detailsOf(answer: Readonly<Record<string, unknown>>): string[] {
  const metadata = answer['response_metadata'];
  const messages = isRecord(metadata) ? metadata['messages'] : undefined;
  const errors = answer['errors'];
  // Slack gives the same lines in both places.
  const lines = [...strings(messages), ...strings(errors)].map((line) => line.replace(/^\[ERROR\] /, ''));
  return [...new Set(lines)].slice(0, 5);
}

function scopesOf(error: string, answer: Readonly<Record<string, unknown>>): string[] {
  return error === 'missing_scope' && typeof answer['provided'] === 'string'
    ? [`has ${answer['provided']}`]
    : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
