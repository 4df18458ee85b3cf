import { chmod, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const PATH = 'out/big.bin';
const requestOf = ({ source }: World, as: string) => ({
  source: source(),
  params: { text: 'Here', artifacts: [{ file: PATH, as }], on_error: 'warn' },
});

/** Puts one file, which is cut short as soon as `when` holds. */
function putShrinking(world: World, as: string, when: () => boolean) {
  return withTempDir(async (dir) => {
    await writeTree(dir, { [PATH]: Buffer.alloc(1_000_000) });
    let cut: Promise<void> | undefined;
    const watch = setInterval(() => {
      if (when()) cut ??= truncate(join(dir, PATH), 10);
    }, 5);
    try {
      return await runStep('out', requestOf(world, as), { dir });
    } finally {
      clearInterval(watch);
      await cut;
    }
  });
}

function expectTold(step: { code: number | null; stdout: string; stderr: string }): void {
  expect(step.stderr).toContain(
    'put: params.artifacts[0]: out/big.bin cannot be read: it ended after 10 of 1000000 bytes [FILE_INVALID]',
  );
  expect(step).toMatchObject({ code: 1, stdout: '' });
}

test('a file that shrinks before it is uploaded is told, not waited for, nor excused as Slack’s trouble', () =>
  withWorld(async (world) => {
    const { slack } = world;
    slack.fault('files.getUploadURLExternal', { rateLimit: 1 });
    expectTold(await putShrinking(world, 'upload', () => slack.count('files.getUploadURLExternal') > 0));
    expect(slack.messages()).toEqual([]);
  }));

test('a file that shrinks before it is stored is told, not taken for S3’s trouble', () =>
  withWorld(async (world) => {
    const { aws, slack } = world;
    aws.s3.fault('PUT', { http: 503 });
    expectTold(await putShrinking(world, 'link', () => aws.s3.count('PUT') > 0));
    expect(slack.count()).toBe(0);
  }));

test.each(['upload', 'link'])('a file that the put may not read is refused before any call, as %s', (as) =>
  withWorld((world) =>
    withTempDir(async (dir) => {
      await writeTree(dir, { [PATH]: 'bytes' });
      await chmod(dir, 0o755);
      await chmod(join(dir, PATH), 0o000);
      // Root may read everything.
      const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
      const step = await runStep('out', requestOf(world, as), { dir, ...uid });
      expect(step.stderr).toContain('out/big.bin cannot be read: EACCES [FILE_REFUSED]');
      expect(step.code).toBe(1);
      expect(world.slack.count() + world.aws.s3.count()).toBe(0);
    }),
  ),
);
