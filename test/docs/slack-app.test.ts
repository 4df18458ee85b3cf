import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { valueAt } from '../../src/slack/answer.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import { readText, tableOf } from '../support/markdown.ts';
import { runStep } from '../support/step.ts';
import { withWorld } from '../support/world.ts';

const text = readText('assets/slack-app-manifest.yaml');
const manifest: unknown = parse(text);
const scopes = strings(valueAt(manifest, 'oauth_config', 'scopes', 'bot'));
const commented = [...text.matchAll(/^ +# - (\S+)$/gm)].map(([, scope = '']) => scope);
const rows = tableOf(readText('docs/slack-app.md'), 'Scopes', 'scope').rows;
const told = (where: string) =>
  rows.flatMap(([scope = '', cell]) => (cell === where ? [scope.replaceAll('`', '')] : []));

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

test('docs/slack-app.md explains each scope of the manifest, and no other', () => {
  expect(told('yes').toSorted()).toEqual(scopes.toSorted());
  expect(told('commented out').toSorted()).toEqual(commented.toSorted());
  expect(rows).toHaveLength(scopes.length + commented.length);
});

// Keys and lengths as slackapi/manifest-schema has them; Slack refuses a manifest with any other.
test('the manifest has only keys that Slack knows, within its lengths', () => {
  const keys = (...path: string[]) => Object.keys(Object(valueAt(manifest, ...path))).toSorted();
  expect(keys()).toEqual(['_metadata', 'display_information', 'features', 'oauth_config', 'settings']);
  expect(keys('_metadata')).toEqual(['major_version', 'minor_version']);
  expect(keys('display_information')).toEqual(['background_color', 'description', 'name']);
  expect(keys('features')).toEqual(['bot_user']);
  expect(keys('features', 'bot_user')).toEqual(['always_online', 'display_name']);
  expect(keys('oauth_config', 'scopes')).toEqual(['bot']);
  const settings = ['org_deploy_enabled', 'socket_mode_enabled', 'token_rotation_enabled'];
  expect(keys('settings')).toEqual(settings);
  expect(String(valueAt(manifest, 'display_information', 'name')).length).toBeLessThanOrEqual(35);
  expect(String(valueAt(manifest, 'display_information', 'description')).length).toBeLessThanOrEqual(140);
});

const everything = {
  text: 'Hello',
  mention: ['alice@example.com'],
  react: 'tada',
  artifacts: [
    { file: 'out/a.png', as: 'image' },
    { file: 'out/a.log', as: 'upload' },
  ],
};
const files = { 'out/a.png': 'png', 'out/a.log': '12 passed' };

test('the scopes of the manifest are enough for every feature in an invited channel', () =>
  withWorld(
    async ({ put, slack }) => {
      const step = await put(everything, { files });
      expect(step.stderr).not.toContain('warning');
      expect(step.code).toBe(0);
      const [message, reply] = slack.messages('releases');
      expect(message).toMatchObject({ reactions: ['tada'] });
      expect(JSON.stringify(message?.blocks)).toContain('slack_file');
      expect(reply?.files).toHaveLength(1);
    },
    { slack: { scopes } },
  ));

const needs: readonly (readonly [string, unknown])[] = [
  ['chat:write', { text: 'Hello' }],
  ['files:write', { artifacts: [{ file: 'out/a.log', as: 'upload' }] }],
  ['reactions:write', { text: 'Hello', react: 'tada' }],
  ['users:read.email', { text: 'Hello', mention: ['alice@example.com'] }],
];

test.each(needs)('without %s the put that needs it is refused by that name', (missing, params) =>
  withWorld(
    async ({ put }) => {
      const step = await put(params, { files });
      expect(step.code).toBe(1);
      expect(step.stderr).toContain(`the app lacks the scope ${missing}`);
    },
    { slack: { scopes: scopes.filter((scope) => scope !== missing) } },
  ),
);

test('without files:read an image of a file becomes an upload and the upload is not proven', () =>
  withWorld(
    async ({ put }) => {
      const step = await put(everything, { files });
      expect(step.code).toBe(0);
      expect(step.stderr).toContain('nobody can prove that the upload is visible');
    },
    { slack: { scopes: scopes.filter((scope) => scope !== 'files:read') } },
  ));

describe('the manifest of the listener', () => {
  const own = readText('assets/slack-app-listener-manifest.yaml');
  const parsed: unknown = parse(own);
  const asked = strings(valueAt(parsed, 'oauth_config', 'scopes', 'bot'));

  test('has the scopes that docs/slack-app.md explains, and no other', () => {
    const left = [...own.matchAll(/^ +# - (\S+)$/gm)].map(([, scope = '']) => scope);
    const { rows: explained } = tableOf(
      readText('docs/slack-app.md'),
      "The listener's app",
      'scope of the listener',
    );
    const where = (cell: string) =>
      explained.flatMap(([scope = '', at]) => (at === cell ? [scope.replaceAll('`', '')] : []));
    expect(where('yes').toSorted()).toEqual(asked.toSorted());
    expect(where('commented out').toSorted()).toEqual(left.toSorted());
  });

  test('has clicks posted to the route that takes them', () => {
    expect(valueAt(parsed, 'settings', 'interactivity')).toEqual({
      is_enabled: true,
      request_url: 'https://approvals.example.com/slack/interactions',
    });
  });

  test('asks for enough: a card is posted, a member of a group approves, the card says so', () =>
    withListenerProcess(
      {
        gate: { approvers: ['S0APPROVER1'] },
        slack: { listenerScopes: asked, groups: { S0APPROVER1: ['U0ALICE0001'] } },
      },
      async ({ slack, url, token }) => {
        const source = { listener: { url, token } };
        const put = runStep(
          'out',
          { source, params: { approval: { gate: 'release', title: 'Ship?' } } },
          { dir: '/' },
        );
        const card = await slack.when(() => slack.messages('releases')[0]);
        await slack.click({ ...card, button: 'Approve', by: 'U0ALICE0001' });
        const step = await put;
        expect(step.stderr).toContain('approved by');
        expect(slack.messages('releases')[0]?.text).toContain('Approved by <@U0ALICE0001>');
      },
    ));
});
