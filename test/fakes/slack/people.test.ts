import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { api } from './testing.ts';

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack({ groups: { S0RELEASERS: ['U0ALICE0001', 'U0BOB000001'] } });
});
afterEach(() => slack.close());

const asListener = (method: string, args: Record<string, unknown>) =>
  api(slack, method, args, { token: slack.apps.listener.token });
const info = (user: string) => api(slack, 'users.info', { user });

describe('users.info', () => {
  it('shows a member of the workspace', async () => {
    expect(await info('U0ALICE0001')).toMatchObject({
      ok: true,
      user: {
        id: 'U0ALICE0001',
        team_id: 'T0TEAM00001',
        name: 'alice',
        deleted: false,
        is_bot: false,
        is_restricted: false,
        is_ultra_restricted: false,
        profile: { email: 'alice@example.com' },
      },
    });
    expect(await info('U0NOBODY')).toMatchObject({ error: 'user_not_found' });
  });

  it('shows no address without users:read.email (S33)', async () => {
    await slack.close();
    slack = await startFakeSlack({ scopes: ['users:read'] });
    const { user } = await info('U0ALICE0001');
    expect(user).not.toHaveProperty('profile.email');
    expect(user).toHaveProperty('profile.display_name');
  });

  it.each([
    ['someone deactivated', { deleted: true }, { deleted: true }],
    ['a guest', { restricted: true }, { is_restricted: true, is_ultra_restricted: false }],
    ['a guest of one channel', { ultraRestricted: true }, { is_restricted: true, is_ultra_restricted: true }],
    ['a bot', { bot: true }, { is_bot: true }],
    ['someone of another workspace', { team: 'T0FOREIGN01' }, { team_id: 'T0FOREIGN01', is_stranger: false }],
    ['a stranger', { team: 'T0FOREIGN01', stranger: true }, { is_stranger: true }],
  ])('shows %s', async (_, change, shown) => {
    slack.changeUser('U0BOB000001', change);
    expect(await info('U0BOB000001')).toMatchObject({ user: shown });
  });

  it('shows the user of an app', async () => {
    expect(await info(slack.apps.listener.botUser)).toMatchObject({ user: { is_bot: true } });
  });
});

describe('users.lookupByEmail', () => {
  it('does not find who was deactivated', async () => {
    slack.addUser({ id: 'U0CAROL0001', name: 'carol', email: 'carol@example.com' });
    const find = () => api(slack, 'users.lookupByEmail', { email: 'carol@example.com' });
    expect(await find()).toMatchObject({ user: { id: 'U0CAROL0001' } });
    slack.changeUser('U0CAROL0001', { deleted: true });
    expect(await find()).toMatchObject({ error: 'users_not_found' });
  });
});

describe('an address', () => {
  it('may find a person whose shown address is another, or was never confirmed', async () => {
    const email = 'eve@example.com';
    slack.addUser({ id: 'U0EVE000001', name: 'eve', email, otherEmails: ['eve@corp.example.com'] });
    const find = (address: string) => api(slack, 'users.lookupByEmail', { email: address });
    expect(await find('eve@corp.example.com')).toMatchObject({
      user: { is_email_confirmed: true, profile: { email } },
    });
    slack.changeUser('U0EVE000001', { emailConfirmed: false });
    expect(await find(email)).toMatchObject({ user: { is_email_confirmed: false } });
  });
});

describe('an organisation', () => {
  it('stands in the place of the workspace, and wants to know whose groups are meant', async () => {
    await slack.close();
    slack = await startFakeSlack({ org: true, groups: { S0RELEASERS: [] } });
    expect(await api(slack, 'auth.test', {})).toMatchObject({
      team_id: 'E0GRID00001',
      enterprise_id: 'E0GRID00001',
      is_enterprise_install: true,
    });
    expect(await info('U0ALICE0001')).toMatchObject({
      user: { enterprise_user: { enterprise_id: 'E0GRID00001', teams: ['T0TEAM00001'] } },
    });
    const list = (more: object) => asListener('usergroups.users.list', { usergroup: 'S0RELEASERS', ...more });
    expect(await list({})).toMatchObject({ error: 'missing_argument' });
    expect(await list({ team_id: 'T0TEAM00001' })).toMatchObject({ ok: true });
  });
});

describe('user groups', () => {
  const members = (usergroup: string) => asListener('usergroups.users.list', { usergroup });

  it('list their members of now', async () => {
    expect(await members('S0RELEASERS')).toEqual({ ok: true, users: ['U0ALICE0001', 'U0BOB000001'] });
    slack.setGroup('S0RELEASERS', ['U0BOB000001']);
    expect(await members('S0RELEASERS')).toEqual({ ok: true, users: ['U0BOB000001'] });
    expect(slack.count('usergroups.users.list')).toBe(2);
  });

  it('are not found when they do not exist or are disabled', async () => {
    slack.setGroup('S0RELEASERS', [], { disabled: true });
    expect(await members('S0RELEASERS')).toMatchObject({ error: 'no_such_subteam' });
    slack.removeGroup('S0RELEASERS');
    expect(await members('S0RELEASERS')).toMatchObject({ error: 'no_such_subteam' });
  });

  it('need usergroups:read', async () => {
    await slack.close();
    slack = await startFakeSlack({ listenerScopes: ['chat:write'] });
    expect(await members('S1')).toMatchObject({ error: 'missing_scope', needed: 'usergroups:read' });
  });

  it('are listed by handle, with members where asked', async () => {
    slack.setGroup('S0OTHERS001', ['U0BOB000001'], { handle: 'others' });
    const list = (args: object) => asListener('usergroups.list', { ...args });
    expect(await list({})).toMatchObject({ usergroups: [{ id: 'S0RELEASERS' }, { handle: 'others' }] });
    expect(await list({ include_users: true })).toMatchObject({
      usergroups: [{ users: ['U0ALICE0001', 'U0BOB000001'] }, { users: ['U0BOB000001'] }],
    });
  });
});

describe('what happens behind the back of an app', () => {
  const channel = 'C0RELEASES1';
  const post = async () => {
    const { ts } = await api(slack, 'chat.postMessage', { channel, text: 'x' });
    return String(ts);
  };

  it('a message is deleted', async () => {
    const ts = await post();
    slack.deleteMessage('releases', ts);
    expect(await api(slack, 'chat.update', { channel, ts, text: 'y' })).toMatchObject({
      error: 'message_not_found',
    });
  });

  it('the time for edits is over', async () => {
    const ts = await post();
    slack.closeEditWindow('releases', ts);
    expect(await api(slack, 'chat.update', { channel, ts, text: 'y' })).toMatchObject({
      error: 'edit_window_closed',
    });
  });

  it('the channel is renamed, or archived', async () => {
    const ts = await post();
    slack.renameChannel('releases', 'ships');
    expect(await api(slack, 'conversations.info', { channel })).toMatchObject({ channel: { name: 'ships' } });
    slack.archive('ships');
    expect(await api(slack, 'chat.update', { channel, ts, text: 'y' })).toMatchObject({
      error: 'is_inactive',
    });
    expect(await api(slack, 'chat.postMessage', { channel, text: 'y' })).toMatchObject({
      error: 'is_archived',
    });
  });

  it('the bot is removed, or the app uninstalled', async () => {
    slack.addBot('secret-room', 'pipeline');
    const say = (id: string) => api(slack, 'chat.postMessage', { channel: id, text: 'x' });
    expect(await say('G0PRIVATE01')).toMatchObject({ ok: true });
    slack.removeBot('secret-room');
    expect(await say('G0PRIVATE01')).toMatchObject({ error: 'channel_not_found' });
    slack.revoke('pipeline');
    expect(await say(channel)).toEqual({ ok: false, error: 'token_revoked' });
  });

  it('a name that is not there is a mistake of the test', () => {
    expect(() => slack.renameChannel('nowhere', 'x')).toThrow('no channel nowhere');
    expect(() => slack.deleteMessage('releases', '1.1')).toThrow('no message 1.1');
    expect(() => slack.changeUser('U0NOBODY', {})).toThrow('no user U0NOBODY');
    expect(() => slack.revoke('nobody')).toThrow('no app nobody');
  });
});

describe('two apps', () => {
  it('are told apart by their tokens, and own their messages', async () => {
    const token = slack.apps.listener.token;
    expect(await api(slack, 'auth.test', {}, { token })).toMatchObject({
      bot_id: 'B0BOT000002',
      user_id: 'U0BOT000002',
      team_id: 'T0TEAM00001',
    });
    const { ts } = await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'x' });
    const args = { channel: 'C0RELEASES1', ts, text: 'y' };
    expect(await api(slack, 'chat.update', args, { token })).toMatchObject({ error: 'cant_update_message' });
    expect(await api(slack, 'bots.info', { bot: 'B0BOT000001' }, { token })).toMatchObject({
      bot: { app_id: 'A0APP000001' },
    });
    expect(slack.calls.map((call) => call.app)).toEqual([
      'A0LISTENER1',
      'A0APP000001',
      'A0LISTENER1',
      'A0LISTENER1',
    ]);
  });

  it('have conversations of their own with a person', async () => {
    const open = async (token: string) => {
      const { channel } = await api(slack, 'conversations.open', { users: 'U0ALICE0001' }, { token });
      return JSON.stringify(channel);
    };
    expect(await open(slack.token)).not.toBe(await open(slack.apps.listener.token));
  });
});

describe('an outage', () => {
  it('lets every call fail until it is over', async () => {
    const status = async () => (await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' })).status;
    slack.outage(true);
    expect([await status(), await status()]).toEqual([503, 503]);
    slack.outage({ rateLimit: 30 });
    expect(await status()).toBe(429);
    slack.outage(false);
    expect(await status()).toBe(200);
    expect(slack.count('auth.test')).toBe(4);
  });

  it('holds calls that are done once they are released', async () => {
    slack.outage('hang');
    const post = api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'x' });
    await slack.when(() => slack.count() === 1);
    expect(slack.messages()).toEqual([]);
    slack.outage(false);
    expect(await post).toMatchObject({ ok: true });
    expect(slack.messages()).toHaveLength(1);
  });

  it('can be slow, or silent after the work was done', async () => {
    slack.fault('chat.postMessage', { slow: 30 });
    slack.fault('chat.postMessage', 'silent');
    const args = { channel: 'C0RELEASES1', text: 'x' };
    expect(await api(slack, 'chat.postMessage', args)).toMatchObject({ ok: true });
    const silent = api(slack, 'chat.postMessage', args).catch(() => 'cut');
    await slack.when(() => slack.messages().length === 2);
    await slack.close();
    expect(await silent).toBe('cut');
  });
});
