import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeSlack } from '../fakes/slack/server.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { caPem } from '../support/tls.ts';
import { imageDir, runInImage } from './run-in-image.ts';

const version = { channel: 'C0RELEASES1', ts: '1700000000.000100' };
const source = { channel: 'C0RELEASES1', slack: { token: 'xoxb-test-token' } };

const users = [
  { name: 'root', user: '0:0', uid: 0 },
  { name: 'uid 65534', user: '65534:65534', uid: 65534 },
  { name: 'the image’s nonroot user', user: 'nonroot', uid: 65532 },
];

describe.each(users)(
  'as $name, with no environment, in /, with nothing writable but the step’s folder',
  ({ user, uid }) => {
    it('check answers the version it was given (C4, C17)', async () => {
      const stdin = JSON.stringify({ source, version });
      const result = await runInImage({ command: ['/opt/resource/check'], user, stdin, readOnly: true });
      expect(result).toEqual({ code: 0, stdout: expect.any(String), stderr: expect.any(String) });
      expect(JSON.parse(result.stdout)).toEqual([version]);
    });

    it('in writes what it fetched for its own user (C4, C17)', async () => {
      await withTempDir(async (dir) => {
        chownSync(dir, uid, uid);
        const stdin = JSON.stringify({ source, version });
        const result = await runInImage({
          command: ['/opt/resource/in', imageDir],
          user,
          stdin,
          dir,
          readOnly: true,
        });
        expect(result.stderr).not.toMatch(/unexpected/);
        expect(JSON.parse(result.stdout)).toMatchObject({ version });
        expect(readFileSync(join(dir, 'ts'), 'utf8').trim()).toBe(version.ts);
      });
    });

    it('out prints the payload of a dry run (C4, C17)', async () => {
      await withTempDir(async (dir) => {
        chownSync(dir, uid, uid);
        const stdin = JSON.stringify({ source, params: { text: 'Release 1.2.3', dry_run: true } });
        const result = await runInImage({
          command: ['/opt/resource/out', imageDir],
          user,
          stdin,
          dir,
          readOnly: true,
        });
        expect(result.stderr).toContain('Release 1.2.3');
        expect(JSON.parse(result.stdout)).toMatchObject({ version: { status: 'dry_run' } });
        expect(readdirSync(dir)).toEqual([]);
      });
    });
  },
);

describe('the worker’s certificates over /etc/ssl/certs', () => {
  it('let out post to a Slack behind a private CA (C18)', async () => {
    const { result, posts } = await postOverTls('ca-certificates.crt', caPem);
    expect(result.stderr).not.toMatch(/certificate/);
    expect(JSON.parse(result.stdout)).toMatchObject({ version: { channel: 'C0RELEASES1' } });
    expect(posts).toBe(1);
  });

  it('are what is trusted: with an empty folder nothing is posted', async () => {
    const { result, posts } = await postOverTls('README', 'no certificate here');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/certificate/);
    expect(posts).toBe(0);
  });
});

describe('fly intercept', () => {
  it('finds a shell and the usual tools', async () => {
    const script =
      'cat /etc/ssl/certs/ca-certificates.crt | grep -c BEGIN; ls /opt/resource; id -un; command -v npm || echo no npm';
    const result = await runInImage({ command: ['/bin/sh', '-c', script], user: 'nonroot' });
    const [certificates, ...rest] = result.stdout.trim().split('\n');
    expect(Number(certificates)).toBeGreaterThan(100);
    expect(rest).toEqual(['check', 'dist', 'in', 'out', 'package.json', 'nonroot', 'no npm']);
  });
});

async function postOverTls(certificate: string, content: string) {
  const slack = await startFakeSlack({ tls: true });
  try {
    return await withTempDir(async (folder) => {
      const [certificates, dir] = [join(folder, 'certificates'), join(folder, 'step')];
      mkdirSync(certificates);
      mkdirSync(dir);
      writeFileSync(join(certificates, certificate), content);
      const stdin = JSON.stringify({
        source: { channel: 'C0RELEASES1', slack: { token: slack.token, api_url: slack.apiUrl } },
        params: { text: 'Release 1.2.3' },
      });
      const result = await runInImage({
        command: ['/opt/resource/out', imageDir],
        user: '0:0',
        stdin,
        dir,
        certificates,
      });
      return { result, posts: slack.count('chat.postMessage') };
    });
  } finally {
    await slack.close();
  }
}

describe('the listener', () => {
  it('is on the path, and needs no environment', async () => {
    const result = await runInImage({
      command: ['/usr/local/bin/listener', 'check-config'],
      user: 'nonroot',
      readOnly: true,
    });
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('the configuration is valid') });
    expect(result.stdout).toContain('port: 8080');
  });

  it('serves, and ends by SIGTERM with 0, with nothing writable but the folder of its store', async () => {
    await withTempDir(async (dir) => {
      chownSync(dir, 65532, 65532);
      const port = await freePort();
      writeFileSync(
        join(dir, 'listener.yaml'),
        `server: { host: 127.0.0.1, port: ${port}, shutdown_delay: 1s }\nstore: { sqlite: ${imageDir}/listener.db }\n`,
      );
      const script = `
        listener --config ${imageDir}/listener.yaml & pid=$!
        until wget -q -O - http://127.0.0.1:${port}/health; do kill -0 $pid || exit 9; sleep 0.1; done
        kill -TERM $pid; wait $pid; echo "ended with $?"
        listener --config ${imageDir}/listener.yaml list`;
      const command = ['/bin/sh', '-c', `PATH=/usr/local/bin:/usr/bin:/bin; ${script}`] as const;
      const { stdout, stderr, code } = await runInImage({ command, user: 'nonroot', dir, readOnly: true });
      expect([code, stderr.replace(/^wget: .*\n/gm, '')]).toEqual([0, 'listener: 0 records\n']);
      expect(stdout).toContain('{"status":"ok"}');
      expect(stdout).toContain('"msg":"stopped"');
      expect(stdout).toContain('ended with 0\n');
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
