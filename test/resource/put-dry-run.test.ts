import { expect, test } from 'vitest';
import { folderOf } from '../support/version-of.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const FILES = { 'out/a.log': 'log' };
const UPLOAD = [{ file: 'out/a.log', as: 'upload' }];

async function shown({ put, slack }: World, params: object, files = {}): Promise<[string, unknown][]> {
  const step = await put({ ...params, dry_run: true }, { files: { ...FILES, ...files } });
  expect(step.code).toBe(0);
  expect(slack.count()).toBe(0);
  const calls = step.stderr.matchAll(/^put: dry run: ([a-zA-Z.]+) (\{[^]*?^\})/gm);
  return [...calls].map(([, method = '', json = '']) => [method, JSON.parse(json)]);
}

test('a dry run prints the arguments that are then really sent', () =>
  withWorld(async (world) => {
    const params = { text: 'Nightly', thread: world.slack.say('releases', 'parent'), broadcast: true };
    const [[method, payload] = []] = await shown(world, params);
    await world.put(params);
    const [call] = world.slack.calls;
    expect(method).toBe(call?.method);
    const { metadata: _random, ...sent } = call?.args ?? {};
    expect(
      Object.fromEntries(Object.entries(payload ?? {}).map(([key, value]) => [key, String(value)])),
    ).toMatchObject(sent);
  }));

test('a dry run prints the reaction that follows the message, without its colons', () =>
  withWorld(async (world) => {
    const calls = await shown(world, { text: 'Released', react: ':tada:' });
    expect(calls.map(([method]) => method)).toEqual(['chat.postMessage', 'reactions.add']);
    expect(calls[1]?.[1]).toMatchObject({ name: 'tada', channel: 'C0RELEASES1' });
  }));

test('a dry run of files alone prints no message, because none is sent', () =>
  withWorld(async (world) => {
    expect(await shown(world, { artifacts: UPLOAD })).toEqual([
      ['files.completeUploadExternal', { channel_id: 'C0RELEASES1', files: [{ title: 'a.log' }] }],
    ]);
  }));

test('a dry run of an update prints where its files go', () =>
  withWorld(async (world) => {
    const at = { channel: 'C0RELEASES1', ts: '1700000000.000100' };
    const params = { text: 'Released', update_from: 'release', artifacts: UPLOAD };
    const calls = await shown(world, params, folderOf('release', at));
    expect(calls).toMatchObject([
      ['chat.update', { ...at, text: 'Released' }],
      ['files.completeUploadExternal', { channel_id: at.channel, thread_ts: at.ts }],
    ]);
  }));

test('a dry run of a deletion prints it', () =>
  withWorld(async (world) => {
    const at = { channel: 'C0RELEASES1', ts: '1700000000.000100' };
    expect(await shown(world, { delete_from: 'release' }, folderOf('release', at))).toEqual([
      ['chat.delete', at],
    ]);
  }));

test('a dry run masks the signature of a button', () =>
  withWorld(async (world) => {
    const listener = { url: 'https://approvals.internal', token: 'sensitive-listener-token' };
    const params = { text: 'Ready', buttons: [{ text: 'Deploy', action: 'deploy' }], dry_run: true };
    const step = await world.put(params, { source: world.source({ listener }) });
    expect(step.stderr).toMatch(/"value": "v1\.[\w-]+\.\*\*\*"/);
  }));
