import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { withSlack } from '../support/slack-in-process.ts';

const POST = 'chat.postMessage';
const TICKET = 'files.getUploadURLExternal';
const COMPLETE = 'files.completeUploadExternal';

/** Codes of the methods' pages at docs.slack.dev, and the word without which the hint would not help. */
const REFUSALS: readonly (readonly [method: string, error: string, remedy: RegExp])[] = [
  [POST, 'not_authed', /set source\.slack\.token/],
  [POST, 'invalid_auth', /source\.slack\.token.*bot token/],
  [POST, 'not_allowed_token_type', /bot token/],
  [POST, 'account_inactive', /reinstall/],
  [POST, 'token_expired', /rotate/],
  [POST, 'token_revoked', /reinstall/],
  [POST, 'no_permission', /scopes/],
  [POST, 'access_denied', /scopes/],
  [POST, 'accesslimited', /networks/],
  [POST, 'ekm_access_denied', /administrators/],
  [POST, 'team_access_not_granted', /install the app/],
  [POST, 'team_not_found', /channel id/],
  [POST, 'org_login_required', /try later/],
  [POST, 'team_added_to_org', /try later/],
  [POST, 'message_limit_exceeded', /administrator/],
  [POST, 'messages_tab_disabled', /Messages Tab/],
  [POST, 'channel_not_found', /\/invite/],
  [POST, 'not_in_channel', /\/invite/],
  [POST, 'is_archived', /unarchive/],
  [POST, 'restricted_action', /administrator/],
  [POST, 'restricted_action_read_only_channel', /read-only/],
  [POST, 'restricted_action_thread_only_channel', /set thread/],
  [POST, 'restricted_action_non_threadable_channel', /without thread/],
  [POST, 'restricted_action_thread_locked', /locked/],
  [POST, 'thread_not_found', /parent message/],
  [POST, 'msg_too_long', /shorten/],
  [POST, 'msg_blocks_too_long', /shorten/],
  [POST, 'invalid_blocks_format', /list of Block Kit blocks/],
  ['chat.update', 'message_not_found', /folder it came from/],
  ['chat.update', 'cant_update_message', /token that posted it/],
  ['chat.update', 'edit_window_closed', /thread instead/],
  ['chat.update', 'is_inactive', /elsewhere/],
  ['chat.delete', 'cant_delete_message', /token that posted it/],
  ['reactions.add', 'invalid_name', /emoji name without colons/],
  ['reactions.add', 'too_many_reactions', /all the reactions/],
  ['users.lookupByEmail', 'users_not_found', /e-mail address/],
  ['conversations.open', 'user_not_found', /user id/],
  ['conversations.open', 'user_disabled', /deactivated/],
  [TICKET, 'storage_limit_reached', /as a link/],
  [TICKET, 'file_type_not_allowed', /as a link/],
  [TICKET, 'file_upload_size_restricted', /as a link/],
  [TICKET, 'file_uploads_disabled', /as a link/],
  [TICKET, 'file_uploads_except_images_disabled', /as a link/],
  [COMPLETE, 'invalid_channel', /\/invite/],
  [COMPLETE, 'not_in_channel', /\/invite/],
  [COMPLETE, 'posting_to_channel_denied', /administrator/],
  [COMPLETE, 'file_update_failed', /run the step again/],
];

describe('a refusal of Slack', () => {
  it.each(REFUSALS)('%s: %s is one line, one call, and a remedy', (method, error, remedy) =>
    withSlack(async ({ slack, fake }) => {
      fake.fault(method, { error });
      const refused = await slack.call(method, {}, 'read').catch((caught: unknown) => caught);
      expect(refused).toBeInstanceOf(Fault);
      expect(refused).toMatchObject({
        code: 'SLACK_REFUSED',
        message: `Slack refused ${method}: ${error}`,
        hint: expect.stringMatching(remedy),
      });
      expect(fake.count(method)).toBe(1);
    }),
  );

  it('that nobody has met yet points to the page that explains it', () =>
    withSlack(async ({ slack, fake }) => {
      fake.fault('auth.test', { error: 'brand_new_refusal' });
      await expect(slack.call('auth.test', {}, 'read')).rejects.toMatchObject({
        message: 'Slack refused auth.test: brand_new_refusal',
        hint: expect.stringMatching(/"brand_new_refusal".*docs\.slack\.dev/),
      });
    }));

  it('keeps at most five of its own messages', () =>
    withSlack(async ({ slack, fake }) => {
      const messages = Array.from({ length: 9 }, (_, index) => `[ERROR] bad thing ${index}`);
      fake.fault('auth.test', { error: 'invalid_arguments', messages });
      await expect(slack.call('auth.test', {}, 'read')).rejects.toMatchObject({
        message:
          'Slack refused auth.test: invalid_arguments (bad thing 0; bad thing 1; bad thing 2; bad thing 3; bad thing 4)',
      });
    }));
});
