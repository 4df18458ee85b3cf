import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const TOKEN = 'sensitive-listener-token';
const LISTENER = { url: 'https://approvals.internal', token: TOKEN };
const BUTTONS = [
  { text: 'Deploy', action: 'k8s_deploy', value: { deployment: '{{app}}' }, style: 'primary' },
  { text: 'Dashboard', url: 'https://dash.example/{{app}}' },
];
const PARAMS = { text: 'Ready', buttons: BUTTONS, vars: { app: 'api' } };

function buttonsOf({ slack }: World): readonly Record<string, unknown>[] {
  const block = slack.messages('releases')[0]?.blocks.find(({ type }) => type === 'actions');
  const elements = block?.['elements'];
  return Array.isArray(elements) ? elements : [];
}

function opened(value: unknown): unknown {
  const [version, payload = '', mac] = String(value).split('.');
  const key = createHash('sha256').update(TOKEN).digest();
  expect(createHmac('sha256', key).update(`${version}.${payload}`).digest('base64url')).toBe(mac);
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

test('binds an action to the id of the channel, in one call where the id is given (S22)', () =>
  withWorld(async (world) => {
    const step = await world.put(PARAMS, { source: world.source({ listener: LISTENER }) });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage']);
    const [deploy, dashboard] = buttonsOf(world);
    expect(deploy).toMatchObject({ style: 'primary', text: { text: 'Deploy' } });
    expect(opened(deploy?.['value'])).toMatchObject({
      a: 'k8s_deploy',
      v: { deployment: 'api' },
      c: 'C0RELEASES1',
    });
    expect(dashboard).toMatchObject({ url: 'https://dash.example/api' });
    expect(dashboard).not.toHaveProperty('value');
  }));

test('adds the actions in a second call where only a name is given, which alone tells the id (S22)', () =>
  withWorld(async (world) => {
    const source = world.source({ listener: LISTENER, channel: '#releases' });
    const step = await world.put(PARAMS, { source });
    expect(step).toMatchObject({ code: 0, stderr: '' });
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update']);
    expect(JSON.stringify(world.slack.calls[0])).not.toContain('v1.');
    const [deploy, dashboard] = buttonsOf(world);
    expect(opened(deploy?.['value'])).toMatchObject({ c: 'C0RELEASES1' });
    expect(dashboard).toMatchObject({ url: 'https://dash.example/api' });
    expect(world.slack.messages('releases')).toHaveLength(1);
  }));

test('needs no second call for a name where all buttons are addresses', () =>
  withWorld(async ({ put, slack, source }) => {
    await put({ ...PARAMS, buttons: BUTTONS.slice(1) }, { source: source({ channel: '#releases' }) });
    expect(slack.count()).toBe(1);
  }));

test('never shows the listener token, neither in Slack nor in the output', () =>
  withWorld(async (world) => {
    const step = await world.put(PARAMS, { source: world.source({ listener: LISTENER }) });
    expect(step.stdout + step.stderr + JSON.stringify(world.slack.calls)).not.toContain(TOKEN);
  }));
