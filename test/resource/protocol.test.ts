import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import type { StepName } from '../support/step.ts';
import { BUILD, withWorld } from '../support/world.ts';

const RED = '\u001b[31m';
const steps: readonly (readonly [StepName, string])[] = [
  ['check', 'check'],
  ['in', 'get'],
  ['out', 'put'],
];

describe.each(steps)('%s', (step, name) => {
  test.concurrent.for<readonly [string, string | Buffer, string]>([
    ['is empty', '', 'stdin is empty, expected one JSON object'],
    ['is cut off', '{"source":{"slack":{"token":"xoxb-sensitive-', 'stdin is not JSON: it ends too early'],
    ['ends after a key', '{"source":', 'stdin is not JSON: it ends too early'],
    ['is not JSON', 'source: {}', 'stdin is not JSON'],
    ['holds two values', '{"source":{}} {}', 'stdin is not JSON: at character 14 of 16'],
    ['is not UTF-8', Buffer.from('7b22736f75726365223a22ff227d', 'hex'), 'stdin is not UTF-8 text'],
    ['is a list', '[]', 'stdin holds a list, expected one JSON object'],
    ['is a number', '12', 'stdin holds a number, expected one JSON object'],
    ['is null', 'null', 'stdin holds null, expected one JSON object'],
    ['is text', '"sensitive-text"', 'stdin holds a string, expected one JSON object'],
    ['is larger than 16 MB', Buffer.alloc(17 * 1024 * 1024, 'x'), 'stdin is larger than 16 MB'],
    [
      'is nested without end',
      `{"source":{},"params":{"blocks":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      'stdin holds values nested more than 100 deep',
    ],
  ])('refuses a request that %s', async ([, stdin, message], { expect: expectHere }) => {
    const { code, stdout, stderr } = await runStep(step, stdin, { dir: '/tmp' });
    expectHere(stderr.split('\n')[0]).toBe(`${RED}${name}: ${message} [REQUEST_INVALID]\u001b[0m`);
    expectHere(stderr.split('\n')[1]).toMatch(/^ {2}hint: ./);
    expectHere(stderr.split('\n').slice(2)).toEqual(['']);
    expectHere(stderr).not.toContain('sensitive');
    expectHere({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('names itself as authors do, in red without a terminal, and refuses with exit code 1 (C19)', async () => {
    const env = { NO_COLOR: '1', TERM: 'dumb', FORCE_COLOR: '0' };
    const { code, stdout, stderr } = await runStep(step, { source: { chanel: '' } }, { dir: '/tmp', env });
    expect(stderr).toContain(`${RED}${name}: source.chanel: unknown key, did you mean channel?`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('prints unexpected errors with their stack and exit code 2', async () => {
    const { code, stderr } = await runOnFiles(step, '/', '/dev/null');
    expect(stderr).toMatch(new RegExp(`^\\u001b\\[31m${name}: unexpected: Error: EISDIR.*\\n    at `));
    expect(stderr).toMatch(/\n {2}hint: this is a bug of the resource/);
    expect(code).toBe(2);
  });
});

test('ends at once when it is stopped while its request still arrives (C16)', async () => {
  const assets =
    process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../../assets', import.meta.url));
  const child = spawn(`${assets}/out`, ['/tmp'], { stdio: ['pipe', 'ignore', 'ignore'] });
  // More than a pipe holds: it is written only once the step reads.
  child.stdin.write(' '.repeat(1_000_000), () => child.kill('SIGTERM'));
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  child.stdin.destroy();
  expect(signal).toBe('SIGTERM');
});

test('does not wait for calls beside the one that failed', () =>
  withWorld(async ({ put, aws }) => {
    aws.s3.fault('HEAD', 'hang');
    const artifacts = [
      { key: 'slow.pdf', as: 'link' },
      { key: 'missing.pdf', as: 'link' },
    ];
    // A call that hangs is given up after 30 s.
    const step = await put({ artifacts }, { timeoutMs: 20_000 });
    expect(step.code).toBe(1);
    expect(step.stderr).toMatch(/no object s3:\S+ \[S3_NOT_FOUND\]/);
  }));

test('prints no escape sequence of a foreign name', () =>
  withWorld(async ({ put }) => {
    const artifacts = [{ file: 'out/*', as: 'upload' }];
    const step = await put({ artifacts }, { files: { 'out/a\u001b[2K\u009b.log': '' } });
    expect(step.stderr).toContain('params.artifacts[0]: out/a[2K.log is empty');
  }));

test('refuses a request with very many mistakes in a line that can be read', async () => {
  const params = { text: 'hello', channels: Array.from({ length: 60_000 }, () => 1) };
  const step = await runStep('out', { source: {}, params }, { dir: '/tmp' });
  expect(step.code).toBe(1);
  expect(step.stderr).toContain('params.channels[1]: must be text');
  expect(step.stderr).toMatch(/; \d+ more \[PARAMS_INVALID\]/);
  expect(step.stderr.length).toBeLessThan(10_000);
});

test('refuses a get or put without its folder rather than use the one it stands in (C4)', async () => {
  for (const step of ['in', 'out'] as const) {
    const { code, stdout, stderr } = await runStep(step, {
      source: {},
      version: { channel: 'C1', ts: '1.2' },
    });
    expect(stderr).toContain('the folder is missing: it is the first argument of the step [REQUEST_INVALID]');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
});

test('refuses a folder that does not exist', async () => {
  for (const step of ['in', 'out'] as const) {
    const { code, stderr } = await runStep(step, { source: {} }, { dir: '/nonexistent' });
    expect(stderr).toContain('the folder /nonexistent does not exist [REQUEST_INVALID]');
    expect(code).toBe(1);
  }
});

test('writes its whole answer into a pipe that is read late, and only then ends (C3)', () =>
  withTempDir(async (dir) => {
    // Larger than a pipe holds: an exit in the middle would cut it off.
    const note = 'x'.repeat(300_000);
    const version = { channel: 'C0RELEASES1', ts: '1700000000.000100', note };
    const step = await runStep('in', { source: { slack: { token: 'xoxb-sensitive' } }, version }, { dir });
    expect(step.json()).toMatchObject({ version });
    expect(step.code).toBe(0);
  }));

test('reports an answer that cannot be written as unexpected', () =>
  withTempDir(async (dir) => {
    await writeTree(dir, { 'request.json': '{"source":{}}' });
    const { code, stderr } = await runOnFiles('check', `${dir}/request.json`, '/dev/full');
    expect(stderr).toContain('check: unexpected: Error: ENOSPC');
    expect(code).toBe(2);
  }));

test.for<readonly [string, unknown, string]>([
  ['null', null, 'source.slack: required to send a message; params.channel: required'],
  ['a list', [], 'source: must be a map, is a list'],
  ['text', 'slack', 'source: must be a map, is a string'],
  ['a number', 1, 'source: must be a map, is a number'],
])('takes a source that is %s for what it is', async ([, source, message]) => {
  const { code, stdout, stderr } = await runStep('out', { source, params: { text: 'x' } }, { dir: '/tmp' });
  expect(stderr).toContain(message);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('takes params that are absent, null and empty for the same (C4)', () =>
  withWorld(async ({ source, slack }) => {
    const env = { ...BUILD, BUILD_STATUS: 'succeeded' };
    for (const params of [undefined, null, {}]) {
      const step = await withTempDir((dir) => runStep('out', { source: source(), params }, { dir, env }));
      expect(step.stderr).toBe('');
      expect(step.json()).toMatchObject({ version: { channel: 'C0RELEASES1' } });
    }
    expect(new Set(slack.messages().map(({ text }) => text)).size).toBe(1);
  }));

test('takes a null for an absent key everywhere, also inside blocks', () =>
  withWorld(async ({ put, source, slack }) => {
    const nulls = { text_file: null, artifacts: null, vars: { unset: null }, thread: null, on_error: null };
    const block = {
      type: 'section',
      text: { type: 'mrkdwn', text: 'Hello', verbatim: null },
      accessory: null,
    };
    const given = { gate: null, gateway: null, s3: null, aws: null };
    const step = await put({ ...nulls, blocks: [block] }, { source: source(given) });
    expect(step.stderr).toBe('');
    expect(slack.messages()[0]?.blocks).toEqual([
      { type: 'section', text: { type: 'mrkdwn', text: 'Hello' } },
    ]);
  }));

test('answers one JSON value whose version and metadata are text only (C1, C2)', () =>
  withWorld(async ({ put, aws }) => {
    aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
    const step = await put({
      text: 'Nightly',
      artifacts: [{ key: 'report.pdf', as: 'link' }],
    });
    expect(step.code).toBe(0);
    expect(step.stdout).toMatch(/^\{.*\}\n$/);
    expect(step.json()).toEqual({
      version: { channel: 'C0RELEASES1', ts: expect.stringMatching(/^\d{10}\.\d{6}$/) },
      metadata: [
        { name: 'channel', value: 'C0RELEASES1' },
        { name: 'artifact', value: expect.stringMatching(/^report\.pdf \(link, 8 bytes, until .*Z\)$/) },
      ],
    });
  }));

test('gives two puts of the same second versions of their own (C6)', () =>
  withWorld(async ({ put }) => {
    const sent = await Promise.all([put({ text: 'Done' }), put({ text: 'Done' })]);
    const dry = await Promise.all([
      put({ text: 'Done', dry_run: true }),
      put({ text: 'Done', dry_run: true }),
    ]);
    const versions = [...sent, ...dry].map((step) => JSON.stringify(step.json()));
    expect(new Set(versions).size).toBe(4);
    // Not by the time: that could be the same.
    const id = expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    for (const step of dry) expect(step.json()).toMatchObject({ version: { id } });
  }));

test('reads files from the folder it was given, wherever it stands (C4)', () =>
  withWorld(async ({ put, slack }) => {
    for (const cwd of ['/', '/proc']) {
      const files = { 'notes/message.md': `from ${cwd}` };
      const step = await put({ text_file: 'notes/message.md' }, { files, cwd });
      expect(step.stderr).toBe('');
    }
    expect(slack.messages().map(({ text }) => text)).toEqual(['from /', 'from /proc']);
  }));

/** The step with files for stdin and stdout, where reading or writing them fails. */
async function runOnFiles(
  step: StepName,
  stdin: string,
  stdout: string,
): Promise<{ code: number | null; stderr: string }> {
  const folder =
    process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../../assets', import.meta.url));
  const fds = [openSync(stdin, 'r'), openSync(stdout, 'w')] as const;
  const env = { PATH: process.env['PATH'] ?? '' };
  const child = spawn(`${folder}/${step}`, ['/tmp'], { cwd: '/', env, stdio: [...fds, 'pipe'] });
  const chunks: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  for (const fd of fds) closeSync(fd);
  return { code, stderr: Buffer.concat(chunks).toString('utf8') };
}
