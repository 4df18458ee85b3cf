import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { SECRET_KEY, withWorld } from './support/world.ts';
import type { World } from './support/world.ts';

const cli = join(import.meta.dirname, '../dist/cli.js');

async function run(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [cli, ...args], { env, cwd: '/' });
  child.stdin.end();
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

function environment({ slack, aws }: World): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.apiUrl,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIASENSITIVE0000001',
    AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    AWS_ENDPOINT_URL_S3: aws.url,
  };
}

function withObjects(use: (world: World) => Promise<void>): Promise<void> {
  return withWorld(async (world) => {
    world.aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
    world.aws.s3.put('ci-artifacts', 'slack-content/cpu.png', 'png', { type: 'image/png' });
    await use(world);
  });
}

for (const [mode, key] of [
  ['link', 'slack-content/report.pdf'],
  ['upload', 'slack-content/report.pdf'],
  ['image', 'slack-content/cpu.png'],
] as const) {
  test(`s3-to-slack -m ${mode} posts an object by bucket, key and channel`, () =>
    withObjects(async (world) => {
      const ended = await run(['-m', mode, 'ci-artifacts', key, '#releases'], environment(world));
      expect(ended).toMatchObject({ code: 0 });
      expect(JSON.parse(ended.stdout)).toMatchObject({ version: { channel: 'C0RELEASES1' } });
      expect(world.slack.messages('releases')).toHaveLength(1);
    }));
}

test('the bucket, the prefix and the life of links come from the environment', () =>
  withObjects(async (world) => {
    const env = {
      S3_BUCKET: 'ci-artifacts',
      S3_PREFIX: 'slack-content',
      PRESIGNED_URL_EXPIRATION_HOURS: '2',
    };
    const ended = await run(['-m', 'link', 'report.pdf', 'C0RELEASES1'], { ...environment(world), ...env });
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.stringify(world.slack.messages('releases'))).toContain('X-Amz-Expires=7200&');
  }));

test('a dry run prints the payload with its signature masked and sends nothing', () =>
  withObjects(async (world) => {
    const args = ['-m', 'link', 'ci-artifacts', 'slack-content/report.pdf', 'C0RELEASES1', '--dry-run'];
    const ended = await run(args, environment(world));
    expect(ended.stderr).toContain('X-Amz-Signature=***');
    expect(ended.code).toBe(0);
    expect(world.slack.calls).toEqual([]);
  }));

test.each([
  ['no arguments', [], 'arguments are missing or too many'],
  ['an unknown option', ['--chanel', 'x'], "Unknown option '--chanel'"],
  ['no bucket anywhere', ['-m', 'link', 'a.pdf', '#releases'], 'BUCKET is missing, and S3_BUCKET is not set'],
  ['an unknown mode', ['-m', 'lnik', 'ci-artifacts', 'a.pdf', '#x'], 'must be one of link, upload, image'],
])('%s ends with one line and the usage or the choices', async (_name, args, line) => {
  const ended = await run(args, { SLACK_BOT_TOKEN: 'xoxb-sensitive', AWS_REGION: 'eu-west-1' });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(line);
});

test('a life of links that is no number of hours is refused', () =>
  withObjects(async (world) => {
    const env = { ...environment(world), PRESIGNED_URL_EXPIRATION_HOURS: '1.5' };
    const ended = await run(['-m', 'link', 'ci-artifacts', 'slack-content/report.pdf', '#releases'], env);
    expect(ended.stderr).toContain('PRESIGNED_URL_EXPIRATION_HOURS must be a whole number of hours');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
  }));
