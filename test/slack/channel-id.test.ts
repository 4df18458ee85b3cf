import { expect, it } from 'vitest';
import { channelId } from '../../src/slack/channel-id.ts';
import { withSlack } from '../support/slack-in-process.ts';

it.each(['C0RELEASES1', 'G0PRIVATE01', 'D0ALICE0001'])(
  'takes the id %s as it is, without a call (S32)',
  (id) =>
    withSlack(async ({ slack, fake }) => {
      expect(await channelId(id, slack)).toBe(id);
      expect(fake.count()).toBe(0);
    }),
);

it('opens the conversation with a person', () =>
  withSlack(async ({ slack, fake }) => {
    expect(await channelId('U0ALICE0001', slack)).toMatch(/^D/);
    expect(fake.calls.map(({ method }) => method)).toEqual(['conversations.open']);
  }));

it.each(['#public', 'public'])('finds %s among many, page by page (S4)', (name) =>
  withSlack(
    async ({ slack, fake }) => {
      expect(await channelId(name, slack)).toBe('C0PUBLIC001');
      expect(fake.count('conversations.list')).toBe(2);
    },
    { pageSize: 1 },
  ),
);

it('looks through the public channels where it may not see the private ones', () =>
  withSlack(async ({ slack }) => expect(await channelId('#releases', slack)).toBe('C0RELEASES1'), {
    scopes: ['channels:read'],
  }));

it.each([
  ['the app may not list', ['chat:write'], '#releases'],
  ['no channel has that name', ['channels:read', 'groups:read'], '#nowhere'],
  ['the channel is archived', ['channels:read', 'groups:read'], '#old'],
])('knows no id when %s', (_, scopes, name) =>
  withSlack(async ({ slack }) => expect(await channelId(name, slack)).toBeUndefined(), { scopes }),
);

it('ends after 20 pages of a huge workspace (S32)', () =>
  withSlack(
    async ({ slack, fake }) => {
      expect(await channelId('#nowhere', slack)).toBeUndefined();
      expect(fake.count('conversations.list')).toBe(20);
    },
    {
      pageSize: 1,
      channels: Array.from({ length: 30 }, (_, index) => ({
        id: `C${String(index).padStart(10, '0')}`,
        name: `team-${index}`,
      })),
    },
  ));

it('passes on what is not a matter of scopes', () =>
  withSlack(async ({ slack, fake }) => {
    fake.fault('conversations.list', { error: 'token_revoked' });
    await expect(channelId('#releases', slack)).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
  }));
