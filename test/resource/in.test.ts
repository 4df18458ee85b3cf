import { chmod, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runStep, withTempDir } from '../support/step.ts';
import type { StepOptions, StepResult } from '../support/step.ts';
import { withWorld } from '../support/world.ts';

const source = { slack: { token: 'xoxb-sensitive-token' } };
const version = { channel: 'C0RELEASES1', ts: '1700000000.000100' };

/** A get, and the files it wrote. */
function get(
  request: Readonly<Record<string, unknown>>,
  options: StepOptions = {},
  prepare: (dir: string) => Promise<unknown> = async () => undefined,
): Promise<{ step: StepResult; files: Record<string, string> }> {
  return withTempDir(async (dir) => {
    await prepare(dir);
    const step = await runStep('in', { source, ...request }, { dir, ...options });
    const names = step.code === 0 ? await readdir(dir) : [];
    const contents = names.map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const);
    return { step, files: Object.fromEntries(await Promise.all(contents)) };
  });
}

test('writes the message’s place as files and answers the version it was given', async () => {
  const { step, files } = await get({ version });
  expect(step.stderr).toBe('');
  expect(step.json()).toEqual({
    version,
    metadata: [
      { name: 'channel', value: 'C0RELEASES1' },
      { name: 'ts', value: '1700000000.000100' },
    ],
  });
  expect(files).toEqual({
    'version.json': `${JSON.stringify(version, null, 2)}\n`,
    channel: 'C0RELEASES1',
    ts: '1700000000.000100',
  });
});

test('keeps every key of a version, also of messages to several channels', async () => {
  const several = { ...version, also: 'C0PUBLIC001:1700000000.000200', thread: '1699999999.000100' };
  const { step, files } = await get({ version: several });
  expect(step.json()).toMatchObject({ version: several });
  expect(JSON.parse(files['version.json'] ?? '')).toEqual(several);
  expect(files['thread']).toBe('1699999999.000100');
});

test('writes the status of a put that sent nothing', async () => {
  const { step, files } = await get({ version: { status: 'not_sent', id: 'f0' } });
  expect(step.json()).toMatchObject({ metadata: [{ name: 'status', value: 'not_sent' }] });
  expect(Object.keys(files).toSorted()).toEqual(['status', 'version.json']);
});

test('asks for the permalink only when told to, with one call (C11)', () =>
  withWorld(async (world) => {
    const ts = world.slack.say('C0RELEASES1', 'Hello');
    const request = { source: world.source(), version: { channel: 'C0RELEASES1', ts } };
    const without = await get(request);
    expect(without.files).not.toHaveProperty('permalink');
    expect(world.slack.calls).toEqual([]);
    const { step, files } = await get({ ...request, params: { permalink: true } });
    expect(files['permalink']).toMatch(/^https:\/\/.*\/archives\/C0RELEASES1\/p\d+$/);
    expect(step.json()).toMatchObject({
      metadata: expect.arrayContaining([{ name: 'permalink', value: files['permalink'] }]),
    });
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.getPermalink']);
  }));

test.for<readonly [string, unknown, string]>([
  ['a number in it', { channel: 'C0RELEASES1', ts: 1700000000.0001 }, 'version.ts is a number, must be text'],
  ['a null in it', { channel: 'C0RELEASES1', ts: null }, 'version.ts is null, must be text'],
  ['no ts', { channel: 'C0RELEASES1' }, 'version is not one of this resource type'],
  ['nothing in it', {}, 'version is not one of this resource type'],
  ['the wrong form', [version], 'version is a list'],
])('refuses a version with %s', async ([, given, message]) => {
  const { step } = await get({ version: given });
  expect(step.stderr).toContain(`get: ${message} [REQUEST_INVALID]`);
  expect(step).toMatchObject({ code: 1, stdout: '' });
});

test('says that the disk is full, and answers nothing', async () => {
  const { step } = await get({ version }, {}, (dir) => symlink('/dev/full', join(dir, 'version.json')));
  expect(step.stderr).toContain('get: cannot write version.json: ENOSPC [WRITE_FAILED]');
  expect(step.stderr).toContain('hint: the worker has no disk space left');
  expect(step).toMatchObject({ code: 1, stdout: '' });
});

test('says that its folder is not writable (C17)', async () => {
  // To root every folder is writable: the step then runs as nobody.
  const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const { step } = await get({ version }, uid, (dir) => chmod(dir, 0o555));
  expect(step.stderr).toContain('get: cannot write version.json: EACCES [WRITE_FAILED]');
  expect(step.stderr).toContain("hint: the get's folder is not writable");
  expect(step).toMatchObject({ code: 1, stdout: '' });
});

test('says that something stands in the way of a file', async () => {
  const { step } = await get({ version }, {}, (dir) => mkdir(join(dir, 'version.json')));
  expect(step.stderr).toContain('get: cannot write version.json: EISDIR [WRITE_FAILED]');
});
