import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runStep, withTempDir } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { BUILD, withWorld } from '../support/world.ts';
import type { World, WorldOptions } from '../support/world.ts';

const role = 'arn:aws:iam::123456789012:role/pipelines';
const session = {
  accessKeyId: 'AKIASENSITIVE0000001',
  secretAccessKey: 'sensitive-session-secret',
  expires: new Date(Date.now() + 3_600_000),
};
const sessions = { aws: { sessions: new Map([['sensitive-session-token', session]]) } };
const link = { artifacts: [{ key: 'report.pdf', as: 'link' }] };
const webIdentity = { ...link, aws: { web_identity_token: 'sensitive-web-identity' } };

interface Scenario {
  readonly name: string;
  readonly params: unknown;
  readonly aws?: Readonly<Record<string, unknown>>;
  readonly source?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly world?: WorldOptions;
  readonly prepare?: (world: World) => void;
  readonly code: number;
}

const scenarios: readonly Scenario[] = [
  { name: 'a link', params: link, code: 0 },
  { name: 'an upload', params: { artifacts: [{ key: 'report.pdf', as: 'upload' }] }, code: 0 },
  { name: 'an image', params: { text: 'CPU', artifacts: [{ key: 'cpu.png', as: 'image' }] }, code: 0 },
  {
    name: 'a button',
    params: { text: 'Go', buttons: [{ text: 'Go', action: 'deploy', value: 1 }] },
    code: 0,
  },
  {
    name: 'a dry run of everything',
    params: { ...link, buttons: [{ text: 'Go', action: 'go' }], dry_run: true },
    code: 0,
  },
  {
    name: 'a warning',
    params: { text: 'x', on_error: 'warn' },
    prepare: ({ slack }) =>
      slack.fault('chat.postMessage', { error: 'invalid_auth', messages: ['sensitive-listener-token'] }),
    code: 0,
  },
  {
    name: 'a session token',
    params: link,
    aws: { secret_access_key: session.secretAccessKey, session_token: 'sensitive-session-token' },
    world: sessions,
    code: 0,
  },
  {
    name: 'a role that is refused',
    params: link,
    aws: { role_arn: role, external_id: 'sensitive-external-id' },
    code: 1,
  },
  {
    name: 'a role',
    params: link,
    aws: { role_arn: role, external_id: 'sensitive-external-id' },
    world: { aws: { roles: { [role]: { externalId: 'sensitive-external-id' } } } },
    code: 0,
  },
  {
    name: 'a web identity token',
    params: webIdentity,
    aws: { access_key_id: undefined, secret_access_key: undefined, role_arn: role },
    world: { aws: { roles: { [role]: {} }, webIdentityToken: 'sensitive-web-identity' } },
    code: 0,
  },
  {
    name: 'a web identity token that is refused',
    params: webIdentity,
    aws: { access_key_id: undefined, secret_access_key: undefined, role_arn: role },
    code: 1,
  },
  {
    name: 'keys of the environment',
    params: link,
    aws: { access_key_id: undefined, secret_access_key: undefined },
    env: { AWS_ACCESS_KEY_ID: 'AKIASENSITIVE0000001', AWS_SECRET_ACCESS_KEY: 'sensitive-wrong-key' },
    code: 1,
  },
  {
    name: 'a wrong secret key, which S3 answers with all it has calculated',
    params: link,
    aws: { secret_access_key: 'sensitive-wrong-key' },
    code: 1,
  },
  {
    name: 'a token in an answer of Slack',
    params: { text: 'x' },
    prepare: ({ slack }) =>
      slack.fault('chat.postMessage', {
        error: 'fatal',
        messages: [
          '[ERROR] xoxb-sensitive-token is not',
          'Bearer sensitive-bearer',
          'sensitive-listener-token',
        ],
      }),
    code: 1,
  },
  {
    name: 'secrets under keys that do not exist',
    params: { text: 'x', token: 'sensitive-param' },
    source: { token: 'sensitive-top', slack: { secret: 'sensitive-slack-secret' }, aws: ['sensitive-list'] },
    code: 1,
  },
  {
    name: 'secrets of the wrong form',
    params: { text: 'x' },
    source: {
      listener: { url: 'sensitive-url', token: ['sensitive-listener-token'] },
      gateway: 'sensitive-gateway',
    },
    code: 1,
  },
  {
    name: 'a proxy with a password',
    params: { text: 'x', on_error: 'warn' },
    source: {
      slack: { token: 'xoxb-sensitive-token', api_url: 'http://slack.invalid/api/', custom_api: true },
    },
    env: { http_proxy: 'http://user:sensitive-proxy@127.0.0.1:1' },
    code: 0,
  },
];

test.concurrent.for(scenarios.map((one) => [one.name, one] as const))(
  'holds back every secret and signature of %s (C9, P28)',
  async ([, scenario], { expect: expectHere }) =>
    withWorld(async (world) => {
      world.aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
      world.aws.s3.put('ci-artifacts', 'slack-content/cpu.png', 'png bytes', { type: 'image/png' });
      scenario.prepare?.(world);
      const step = await put(scenario, world);
      expectHere(step.stdout + step.stderr).not.toMatch(/sensitive/);
      expectHere(step.stdout + step.stderr).not.toMatch(
        /X-Amz-(?:Signature|Security-Token|Credential)=(?!\*\*\*)/i,
      );
      expectHere(step.code, step.stderr).toBe(scenario.code);
    }, scenario.world),
);

test('holds back secrets in check and get as well', async () => {
  const source = {
    slack: { tokn: 'sensitive-a' },
    listener: 'sensitive-b',
    aws: { secret_access_key: 'sensitive-c' },
  };
  for (const step of ['check', 'in'] as const) {
    const { code, stdout, stderr } = await runStep(
      step,
      { source, version: { ts: 'sensitive-d' } },
      { dir: '/tmp' },
    );
    expect(stderr).not.toContain('sensitive');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
});

test('holds back secrets in the stack of an unexpected error, in every form they take there (P28)', async () => {
  const runner = new URL('../../src/resource/run-step.ts', import.meta.url).href;
  const program = `
    import { runStep } from ${JSON.stringify(runner)};
    process.exitCode = await runStep('put', async ({ source, params }) => {
      const secrets = [source.slack.token, source.aws.external_id, params.aws.web_identity_token, source.gateway.headers['x-key']];
      const link = 'https://s3.test/a?X-Amz-Signature=sensitive-signature&X-Amz-Security-Token=sensitive-session';
      throw new Error([...secrets, ...secrets.map(encodeURIComponent), JSON.stringify(secrets), link].join('\\n'));
    }, process);`;
  const request = {
    source: {
      slack: { token: 'sensitive/slack+token' },
      aws: { external_id: 'sensitive "external" id' },
      gateway: { headers: { 'x-key': 'sensitive\\key' } },
    },
    params: { aws: { web_identity_token: 'sensitive.web.identity==' } },
  };
  const running = promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
    'put',
    '/tmp',
  ]);
  running.child.stdin?.end(JSON.stringify(request));
  const failure: unknown = await running.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 2, stdout: '' });
  const stderr = failure instanceof Error && 'stderr' in failure ? String(failure.stderr) : '';
  expect(stderr).toMatch(/put: unexpected: Error: \*\*\*\n/);
  expect(stderr).not.toContain('sensitive');
});

function put({ params, aws, source, env }: Scenario, world: World): Promise<StepResult> {
  const base = world.source();
  const secretive = {
    ...base,
    aws: { ...(typeof base['aws'] === 'object' ? base['aws'] : {}), ...aws },
    gateway: { url: 'https://api.test/prod', headers: { 'x-api-key': 'sensitive-api-key' } },
    listener: { url: 'https://listener.test', token: 'sensitive-listener-token' },
    ...source,
  };
  return withTempDir((dir) =>
    runStep('out', { source: secretive, params }, { dir, env: { ...BUILD, ...env } }),
  );
}

test('a blocks_file with an odd tag is not quoted past the masks', () =>
  withWorld(async ({ put }) => {
    const files = { 'out/blocks.yml': '- !odd sensitive-value-of-a-file\n' };
    const step = await put({ blocks_file: 'out/blocks.yml' }, { files });
    expect(step.stderr).toContain('[BLOCKS_INVALID]');
    expect(step.stderr).not.toContain('sensitive');
  }));
