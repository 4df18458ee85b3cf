import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listen } from '../fakes/http/listen.ts';
import { withTempDir, writeTree } from '../support/step.ts';
import { BUILD, withWorld } from '../support/world.ts';
import type { PutOptions, World } from '../support/world.ts';

const BUCKET = 'ci-artifacts';
/** Far more than it takes, far less than a call that hangs. */
const SOON_MS = 20_000;
const upload = { text: 'Nightly', artifacts: [{ key: 'big.bin', as: 'upload' }] };

/** Stops the put once `reached` holds; what it did then. */
async function stopped(world: World, params: unknown, reached: () => boolean, options: PutOptions = {}) {
  const stop = new AbortController();
  let at = 0;
  const watch = setInterval(() => {
    if (at > 0 || !reached()) return;
    at = Date.now();
    stop.abort();
  }, 5);
  const step = await world
    .put(params, { ...options, signal: stop.signal })
    .finally(() => clearInterval(watch));
  return { ...step, took: Date.now() - at };
}

function expectStopped({ slack }: World, step: Awaited<ReturnType<typeof stopped>>): void {
  expect(step).toMatchObject({ code: 1, signal: null, stdout: '' });
  // After 8 s without an end it would be cut, and say so: `stopped while a call was still open`.
  expect(step.stderr).toContain('put: stopped by SIGTERM [STOPPED]');
  expect(step.took).toBeLessThan(SOON_MS);
  expect(step.stderr).toContain(
    '  hint: the build was aborted or the step ran into its timeout; nothing more is sent',
  );
  expect(slack.messages()).toEqual([]);
}

describe.concurrent('SIGTERM ends a put cleanly, with nothing posted (C16):', () => {
  test('in the middle of a large upload', () =>
    withWorld(async (world) => {
      const { slack, aws } = world;
      aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 900_000_000 });
      const step = await stopped(world, upload, () => slack.bytesUploaded > 5_000_000);
      expectStopped(world, step);
      expect(slack.bytesUploaded).toBeLessThan(900_000_000);
    }));

  test('while Slack has stopped taking bytes', () =>
    withWorld(async (world) => {
      const { slack, aws } = world;
      aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 50_000_000 });
      slack.fault('upload-bytes', 'stall');
      expectStopped(world, await stopped(world, upload, () => slack.bytesUploaded > 0));
    }));

  test('while S3 has stopped giving bytes', () =>
    withWorld(async (world) => {
      const { slack, aws } = world;
      aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 2_000_000 });
      aws.s3.fault('GET', 'stall');
      expectStopped(world, await stopped(world, upload, () => slack.bytesUploaded > 500_000));
    }));

  test('while S3 does not answer', () =>
    withWorld(async (world) => {
      world.aws.s3.fault('HEAD', 'hang');
      expectStopped(world, await stopped(world, upload, () => world.aws.s3.count() > 0));
    }));

  test('while Slack does not answer', () =>
    withWorld(async (world) => {
      world.slack.fault('chat.postMessage', 'hang');
      const step = await stopped(world, { text: 'hello' }, () => world.slack.count() > 0);
      expectStopped(world, step);
      expect(world.slack.count()).toBe(1);
    }));

  test('while the tunnel of a proxy leads nowhere', () =>
    withWorld(async (world) => {
      let connected = false;
      const proxy = await listen(() => undefined, {
        onConnect: (_, socket) => {
          connected = true;
          socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        },
      });
      const source = world.source({
        slack: { token: 'xoxb-sensitive', api_url: 'https://127.0.0.1:9/api/' },
      });
      const options = { source, env: { ...BUILD, https_proxy: proxy.origin } };
      const step = await stopped(world, { text: 'hello' }, () => connected, options);
      await proxy.close();
      expectStopped(world, step);
    }));

  test('while a file waits to become visible', () =>
    withWorld(
      async (world) => {
        const { slack, aws } = world;
        aws.s3.put(BUCKET, 'slack-content/cpu.png', 'png bytes', { type: 'image/png' });
        const params = { text: 'CPU', artifacts: [{ key: 'cpu.png' }] };
        expectStopped(world, await stopped(world, params, () => slack.count('files.info') > 4));
      },
      { slack: { neverReady: true } },
    ));
});

test('leaves no process behind when it is stopped (C16)', () =>
  withWorld(async ({ slack, aws, source }) => {
    aws.s3.put(BUCKET, 'slack-content/big.bin', { size: 50_000_000 });
    slack.fault('upload-bytes', 'stall');
    await withTempDir(async (dir) => {
      await writeTree(dir, {});
      const assets =
        process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../../assets', import.meta.url));
      const env = { PATH: process.env['PATH'] ?? '', ...BUILD };
      // A group of its own: whatever the step starts would be in it.
      const child = spawn(`${assets}/out`, [dir], {
        cwd: '/',
        env,
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin?.end(JSON.stringify({ source: source(), params: upload }));
      await expect.poll(() => slack.bytesUploaded).toBeGreaterThan(0);
      child.kill('SIGTERM');
      await once(child, 'exit');
      const group = -(child.pid ?? Number.NaN);
      expect(() => process.kill(group, 0)).toThrow('ESRCH');
    });
  }));
