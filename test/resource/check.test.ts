import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runStep, withTempDir } from '../support/step.ts';

const source = { channel: '#releases', slack: { token: 'xoxb-sensitive-token' } };
const version = { channel: 'C0RELEASES1', ts: '1700000000.000100', also: 'C0PUBLIC001:1700000000.000200' };

test.for<readonly [string, unknown, unknown[]]>([
  ['a message', version, [version]],
  ['a put that was not sent', { status: 'not_sent', id: 'f0' }, [{ status: 'not_sent', id: 'f0' }]],
  ['no version', undefined, []],
  ['null', null, []],
  ['an empty version, which Concourse would refuse', {}, []],
])('given %s, answers just that and invents nothing (C5)', async ([, given, answer]) => {
  for (const _again of [1, 2]) {
    const step = await runStep('check', { source, version: given });
    expect(step).toMatchObject({ code: 0, stdout: `${JSON.stringify(answer)}\n`, stderr: '' });
  }
});

test('never echoes a decision that nobody has confirmed (C24)', async () => {
  const forged = { approval: 'a1', status: 'approved' };
  const step = await runStep('check', { source, version: forged });
  expect(step).toMatchObject({ code: 0, stdout: '[]\n' });
});

test('does not look at a build in its environment, which is somebody else’s (C8)', async () => {
  const env = {
    BUILD_ID: '1',
    BUILD_STATUS: 'failed',
    BUILD_PIPELINE_INSTANCE_VARS: '{',
    ATC_EXTERNAL_URL: 'x',
  };
  const step = await runStep('check', { source, version }, { env });
  expect(step).toMatchObject({ code: 0, stdout: `[${JSON.stringify(version)}]\n`, stderr: '' });
});

test('leaves no file behind in a container that is used again (C20)', () =>
  withTempDir(async (dir) => {
    const env = { HOME: dir, TMPDIR: dir, XDG_CACHE_HOME: dir };
    const step = await runStep('check', { source, version }, { cwd: dir, env });
    expect(step.code).toBe(0);
    expect(await readdir(dir)).toEqual([]);
  }));

test('answers a source without anything, which a put would refuse', async () => {
  for (const empty of [null, {}]) {
    const step = await runStep('check', { source: empty });
    expect(step).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  }
});
