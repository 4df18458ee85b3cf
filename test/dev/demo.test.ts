import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

describe('the demo by itself', () => {
  let parts: readonly string[] = [];
  let stdout = '';
  beforeAll(async () => {
    ({ stdout } = await promisify(execFile)(process.execPath, ['dev/demo.ts', '--auto'], { cwd: root }));
    parts = stdout.split('== put: ').slice(1);
  });

  test('posts a link, an upload, an image and buttons, then asks for an approval and claims it', () => {
    expect(parts.map((part) => part.split(' ==')[0])).toEqual([
      'a link',
      'an upload',
      'an image',
      'buttons',
      'an approval, which waits',
      'a claim, just before the deploy',
      'the claim of another build',
    ]);
    expect(stdout).not.toContain('warning');
  });

  test('shows what each put answered, and what get wrote', () => {
    for (const part of parts.slice(0, 4)) {
      expect(part).toMatch(/"version": \{\s+"channel": "C\w+",\s+"ts": "\d{10}\.\d{6}"/);
      expect(part).toMatch(
        /get wrote channel: C\w+\nget wrote ts: \d{10}\.\d{6}\nget wrote version\.json: \{/,
      );
    }
    expect(parts[0]).toContain('Daily report (link, 945 bytes, until ');
    expect(parts[1]).toContain('Daily report (upload, 945 bytes)');
    expect(parts[2]).toContain('CPU (image, 20 KB)');
  });

  test('opens the gate by the click of one who may, not by that of another', () => {
    expect(parts[4]).toMatch(
      /cyd is told: You are not one of those who may decide this.*ana clicks Approve: HTTP 200.*approved by ana/s,
    );
    const id = /"approval": "([0-9a-f]{24})"/.exec(parts[4] ?? '')?.[1];
    expect(parts[4]).toContain(`== check ==\nanswer: [{"approval":"${id}","status":"approved"}]`);
    expect(parts[4]).toContain('get wrote approver: ana\n');
    expect(parts[5]).toContain('"claimed_by"');
    expect(parts[6]).toMatch(/used already.*That is refused/s);
  });

  test('runs the action of a button, and says so in its thread', () => {
    expect(stdout).toMatch(/the thread says: .*k8s_deploy\* is done .*POST \/deploy was answered 202/);
  });
});

test('the demo waits for a click, and Ctrl-C leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  const child = spawn(process.execPath, ['dev/demo.ts'], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const groupOf = -(child.pid ?? Number.NaN);
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    // As a terminal does it: everybody in the foreground is told.
    if (line.startsWith('put: asked at gate')) process.kill(groupOf, 'SIGINT');
  }
  expect(await ended).toEqual([0, null]);
  expect(said.join('\n')).toMatch(/Open the channel in a browser: http:\/\/127\.0\.0\.1:\d+\n/);
  expect(await readdir(folder)).toEqual([]);
  expect(() => process.kill(groupOf, 0)).toThrow('ESRCH');
  await rm(folder, { recursive: true });
});
