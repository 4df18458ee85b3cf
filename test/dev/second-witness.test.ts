import { tmpdir } from 'node:os';
import { createEmulator, type SeedConfig } from 'emulate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStep } from '../../dev/run-step.ts';
import { sourceOf } from '../../dev/workspace/source.ts';
import { startWorkspace, type Workspace } from '../../dev/workspace/start.ts';
import { storeSamples } from '../../dev/workspace/store-samples.ts';

// Somebody else's Slack takes what ours takes: both were made from the documentation, by different people.
const TOKEN = 'xoxb-second-witness';
const BOT = { bot_id: 'B0WITNESS', bot_user_id: 'U0WITNESS' };

interface Emulator {
  readonly url: string;
  close(): Promise<void>;
}

let workspace: Workspace;
let other: Emulator;
let channel: string;
beforeAll(async () => {
  [workspace, other] = await Promise.all([
    startWorkspace(),
    createEmulator({ service: 'slack', port: 0, seed: seed() }),
  ]);
  await storeSamples(workspace);
  const { channels } = await ask('conversations.list', {});
  channel = channels?.find(({ name }) => name === 'releases')?.id ?? '';
});
afterAll(() => Promise.all([workspace.stop(), other.close()]));

it.each([
  ['a text', { text: 'Built *1.2.3*' }],
  [
    'a link',
    { text: 'report', artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report' }] },
  ],
  [
    'an upload',
    { text: 'report', artifacts: [{ key: 'reports/report.pdf', as: 'upload', title: 'Daily report' }] },
  ],
  ['an image', { text: 'CPU', artifacts: [{ key: 'charts/cpu.png', as: 'image', alt: 'CPU, last hour' }] }],
  ['a button', { text: 'out', buttons: [{ text: 'Notes', url: 'https://example.com/notes' }] }],
])('emulate shows %s as our own Slack does', async (_, params) => {
  const theirs = await posted({ token: TOKEN, api_url: `${other.url}/api/` }, params, channel);
  const shown = await ask('conversations.history', { channel, oldest: theirs, inclusive: true });
  const ours = await posted(
    { token: workspace.token, api_url: workspace.slackApiUrl },
    params,
    workspace.channelId,
  );
  const message = workspace.slack.messages().find(({ ts }) => ts === ours);
  const witness = shown.messages?.find(({ ts }) => ts === theirs);
  if (!message || !witness) throw new Error('the message is not in the channel');
  expect(witness.text).toBe(message.text);
  expect(plain(witness.blocks)).toEqual(plain(message.blocks));
});

/** Runs the put; the message's ts. */
async function posted(slack: object, params: object, to: string): Promise<string> {
  const source = { ...sourceOf(workspace), channel: to, slack };
  const { answer } = await runStep('out', { source, params }, tmpdir());
  const { version }: { version: { ts: string } } = JSON.parse(JSON.stringify(answer));
  return version.ts;
}

/** Without what is made anew each time: ids of files, signed addresses, times. */
function plain(blocks: unknown): unknown {
  return JSON.parse(
    JSON.stringify(blocks ?? [])
      .replaceAll(/F[A-Z0-9]{8,}/g, 'FILE')
      .replaceAll(/X-Amz-(Date|Signature)=\w+/g, '')
      .replaceAll(/date\^\d+/g, 'date')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, ''),
  );
}

interface Answer {
  readonly channels?: readonly { readonly id: string; readonly name: string }[];
  readonly messages?: readonly { readonly ts: string; readonly text: string; readonly blocks?: unknown }[];
}

async function ask(method: string, args: object): Promise<Answer> {
  const answer = await fetch(`${other.url}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
  return JSON.parse(await answer.text());
}

function seed(): SeedConfig {
  const app = { app_id: 'A0WITNESS', ...BOT };
  const scopes = ['chat:write', 'files:write', 'files:read', 'channels:read', 'channels:history'];
  const client = { client_id: 'local', client_secret: 'local', redirect_uris: [], name: 'Witness' };
  return {
    slack: {
      team: { name: 'Second witness', domain: 'second-witness' },
      users: [{ name: 'ana', real_name: 'Ana', email: 'ana@example.com' }],
      channels: [{ name: 'releases', topic: '' }],
      oauth_apps: [{ ...client, ...app, scopes, bot_name: 'witness' }],
      tokens: [{ token: TOKEN, type: 'bot', user_id: BOT.bot_user_id, ...app, scopes }],
    },
  };
}
