import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { BUILD, withWorld } from '../support/world.ts';

const OUTSIDE = 'held by the container';

/** A put beside which files lie that are none of its business; `prepare` gets the artifacts' folder and that of those files. */
function put(
  params: unknown,
  prepare: (dir: string, outside: string) => Promise<unknown> = async () => undefined,
): Promise<{ step: StepResult; sent: string }> {
  return withTempDir(async (root) => {
    const result: { step?: StepResult; sent?: string } = {};
    await writeTree(root, {
      'put/repo/readme.md': 'inside',
      'outside/secret.txt': OUTSIDE,
      'outside/ts': '1700000000.000100',
      'outside/channel': 'C0RELEASES1',
    });
    await prepare(join(root, 'put'), join(root, 'outside'));
    await withWorld(async ({ source, slack, aws }) => {
      result.step = await runStep(
        'out',
        { source: source({ listener }), params },
        { dir: join(root, 'put'), env: BUILD },
      );
      result.sent = JSON.stringify([slack.messages(), slack.files(), slack.calls, aws.s3.calls]);
    });
    const { step, sent } = result;
    if (!step || sent === undefined) throw new Error('the step did not run');
    return { step, sent };
  });
}

const listener = { url: 'http://127.0.0.1:9', token: 'sensitive-listener-token' };
const ask = { gate: 'release', title: 'Ship?' };
const places: readonly (readonly [where: string, params: (path: string) => unknown])[] = [
  ['params.text_file', (path) => ({ text_file: path })],
  ['params.blocks_file', (path) => ({ blocks_file: path })],
  ['params.channel_file', (path) => ({ text: 'x', channel_file: path })],
  ['params.vars_files.secret', (path) => ({ text: '{{secret}}', vars_files: { secret: path } })],
  ['params.artifacts[0].file', (path) => ({ artifacts: [{ file: path, as: 'upload' }] })],
  ['params.approval.details_file', (path) => ({ approval: { ...ask, details_file: path } })],
  ['params.approval.context_files.x', (path) => ({ approval: { ...ask, context_files: { x: path } } })],
  ['params.approval.not_by_files[0]', (path) => ({ approval: { ...ask, not_by_files: [path] } })],
  ['params.expect_files.x', (path) => ({ claim: 'repo', gate: 'release', expect_files: { x: path } })],
  ['params.artifacts[0].key_file', (path) => ({ artifacts: [{ key_file: path, as: 'link' }] })],
];
const folders: readonly (readonly [where: string, params: (path: string) => unknown])[] = [
  ['params.thread_from', (path) => ({ text: 'x', thread_from: path })],
  ['params.update_from', (path) => ({ text: 'x', update_from: path })],
  ['params.delete_from', (path) => ({ delete_from: path })],
  ['params.claim', (path) => ({ claim: path, gate: 'release' })],
];

test.concurrent.for([...places, ...folders])(
  'keeps %s inside of the artifacts',
  async ([where, params], { expect: expectHere }) => {
    const isFolder = folders.some(([name]) => name === where);
    for (const path of ['/etc/passwd', 'repo/../../outside', isFolder ? 'repo/folder' : 'repo/file']) {
      const { step, sent } = await put(params(path), async (dir, outside) => {
        await symlink(join(outside, 'secret.txt'), join(dir, 'repo/file'));
        await symlink(outside, join(dir, 'repo/folder'));
      });
      expectHere(step.stderr, path).toContain(`put: ${where}: `);
      expectHere(step.stderr, path).toContain('[FILE_REFUSED]');
      expectHere(step.stderr, path).not.toContain(OUTSIDE);
      expectHere(step, path).toMatchObject({ code: 1, stdout: '' });
      expectHere(sent, path).toBe('[[],[],[],[]]');
    }
  },
);

test.concurrent.for([...places, ...folders])(
  'tells for %s which artifact is not mounted, and how to mount it (C12)',
  async ([where, params], { expect: expectHere }) => {
    const { step } = await put(params('notes/deep/file'));
    expectHere(step.stderr).toMatch(
      new RegExp(`put: ${where.replace(/[[\]]/g, '\\$&')}: no (?:file|folder) notes/deep/file`),
    );
    expectHere(step.stderr).toContain('the artifact notes is not mounted: add inputs: [notes] to the put');
    expectHere(step).toMatchObject({ code: 1, stdout: '' });
  },
);

test('does not say "not mounted" of an artifact that is there', async () => {
  const { step } = await put({ text_file: './repo/missing.md' });
  expect(step.stderr).toContain('hint: check the path, and that the earlier step wrote it');
});

test('refuses a glob one of whose matches leads outside, and uploads nothing', async () => {
  const { step, sent } = await put({ artifacts: [{ file: 'repo/*', as: 'upload' }] }, (dir, outside) =>
    symlink(join(outside, 'secret.txt'), join(dir, 'repo/also.md')),
  );
  expect(step.stderr).toContain('repo/also.md is a link that leads outside of the build');
  expect(step.code).toBe(1);
  expect(sent).toBe('[[],[],[],[]]');
});

test('finds nothing by a glob that climbs out or through a link to a folder', async () => {
  for (const glob of [
    '../outside/*',
    'repo/../../outside/*',
    'repo/folder/*.txt',
    'repo/**/secret.*',
    '/etc/pass*',
  ]) {
    const { step, sent } = await put({ artifacts: [{ file: glob, as: 'upload' }] }, (dir, outside) =>
      symlink(outside, join(dir, 'repo/folder')),
    );
    expect(step.stderr, glob).toMatch(/\[FILE_(?:REFUSED|NOT_FOUND)\]/);
    expect(step, glob).toMatchObject({ code: 1, stdout: '' });
    expect(sent, glob).toBe('[[],[],[],[]]');
  }
});

test('reads what an earlier get has written and not what a link in its folder names', async () => {
  const { step, sent } = await put({ text: 'x', thread_from: 'release' }, async (dir, outside) => {
    await writeTree(dir, { 'release/channel': 'C0RELEASES1' });
    await symlink(join(outside, 'ts'), join(dir, 'release/ts'));
  });
  expect(step.stderr).toContain('put: params.thread_from: release/ts is a link that leads outside');
  expect(sent).toBe('[[],[],[],[]]');
});

test('follows links that stay inside of the artifacts', async () => {
  const { step, sent } = await put({ text_file: 'repo/latest.md' }, (dir) =>
    symlink('readme.md', join(dir, 'repo/latest.md')),
  );
  expect(step.stderr).toBe('');
  expect(sent).toContain('inside');
});

test('names a link that leads nowhere as a missing file', async () => {
  const { step } = await put({ text_file: 'repo/gone' }, (dir) => symlink('nothing', join(dir, 'repo/gone')));
  expect(step.stderr).toContain('params.text_file: no file repo/gone [FILE_NOT_FOUND]');
});

test('names a link to itself as one that cannot be read', async () => {
  const { step } = await put({ text_file: 'repo/loop' }, (dir) => symlink('loop', join(dir, 'repo/loop')));
  expect(step.stderr).toContain('params.text_file: repo/loop cannot be read: ELOOP [FILE_REFUSED]');
});

test('refuses pipes and devices at once instead of waiting for them', async () => {
  const fifo = await put({ text_file: 'repo/pipe' }, (dir) =>
    promisify(execFile)('mkfifo', [join(dir, 'repo/pipe')]),
  );
  expect(fifo.step.stderr).toContain('params.text_file: repo/pipe is not a regular file [FILE_REFUSED]');
  const device = await put({ artifacts: [{ file: 'repo/zero', as: 'upload' }] }, (dir) =>
    symlink('/dev/zero', join(dir, 'repo/zero')),
  );
  expect(device.step.stderr).toContain('repo/zero is a link that leads outside');
  const through = await put({ artifacts: [{ file: 'repo/*', as: 'upload' }] }, (dir) =>
    promisify(execFile)('mkfifo', [join(dir, 'repo/pipe')]),
  );
  expect(through.step.stderr).toContain('repo/pipe is not a regular file [FILE_REFUSED]');
});

test('takes an artifacts folder that is itself behind a link', () =>
  withTempDir(async (root) => {
    await writeTree(root, { 'real/repo/readme.md': 'inside' });
    await symlink('real', join(root, 'put'));
    await withWorld(async ({ source, slack }) => {
      for (const params of [
        { text_file: 'repo/readme.md' },
        { artifacts: [{ file: 'repo/*.md', as: 'upload' }] },
      ]) {
        const step = await runStep(
          'out',
          { source: source({ listener }), params },
          { dir: join(root, 'put'), env: BUILD },
        );
        expect(step.stderr).toBe('');
      }
      expect(slack.messages()).toHaveLength(2);
    });
  }));
