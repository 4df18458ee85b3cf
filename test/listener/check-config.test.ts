import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { risksOf } from '../../src/listener/config/risks.ts';
import { readText } from '../support/markdown.ts';
import { runListenerCommand } from '../support/listener.ts';
import { withConfig } from './config/load.ts';

const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-sensitive-bot-token',
  SLACK_SIGNING_SECRET: 'sensitive-signing-secret-0001',
  PIPELINE_APP_SIGNING_SECRET: 'sensitive-signing-secret-0002',
  LISTENER_TOKEN: 'sensitive-listener-token-0001',
  GATE_WEBHOOK_TOKEN: 'sensitive-webhook-token',
  API_GATEWAY_URL: 'https://abc123.execute-api.eu-west-1.amazonaws.com/prod',
};
const FILES = { 'audit-key': 'sensitive-audit-key-of-32-characters-or-more\n' };
const EXAMPLE = readText('examples/listener.yaml').replace('/run/secrets/audit-key', 'audit-key');

describe('listener check-config', () => {
  test('finds nothing wrong and nothing risky in the example but that SQLite has one owner', async () => {
    const result = await runListenerCommand({
      config: EXAMPLE,
      env: ENV,
      files: FILES,
      args: ['check-config'],
    });
    expect(result.stderr).toBe(
      'listener: warning: store.sqlite: has one owner: for several replicas use store.dynamodb\n' +
        'listener: the configuration is valid, 1 warning\n',
    );
    expect(result.code).toBe(0);
  });

  test('prints what is in effect: defaults, references by their names, no secret', async () => {
    const { stdout } = await runListenerCommand({
      config: EXAMPLE,
      env: ENV,
      files: FILES,
      args: ['check-config'],
    });
    expect(stdout).not.toContain('sensitive');
    expect(parse(stdout)).toMatchObject({
      role: 'all',
      log: { level: 'info' },
      server: { host: '0.0.0.0', shutdown_delay: '5s', rate_limits: { token: '3000/m', remote: '600/m' } },
      slack: {
        bot_token: '*** (${SLACK_BOT_TOKEN})',
        mode: 'http',
        pipeline_app: { signing_secret: '*** (${PIPELINE_APP_SIGNING_SECRET})' },
      },
      tokens: [{ name: 'ci-main', token: '*** (${LISTENER_TOKEN})' }],
      gates: { release: { quorum: 2, deny_quorum: 1, use: 'once', valid_for: '1h', on_timeout: 'deny' } },
      gateway: { url: ENV.API_GATEWAY_URL, region: 'eu-west-1', auth: 'iam', timeout: '29s' },
      actions: { deploy: { once: true, max_age: '1d', confirm: 'Deploy {{value.deployment}}?' } },
      concourse: { webhooks: [{ token: '*** (${GATE_WEBHOOK_TOKEN})' }] },
      audit: { key: '*** (${file:audit-key})' },
    });
  });

  test('what it prints without its secrets is a configuration again', async () => {
    const { stdout } = await runListenerCommand({
      config: EXAMPLE,
      env: ENV,
      files: FILES,
      args: ['check-config'],
    });
    const again = stdout.replace(/\*\*\* \((\$\{[^}]+\})\)/g, '$1');
    const result = await runListenerCommand({
      config: again,
      env: ENV,
      files: FILES,
      args: ['check-config'],
    });
    expect(result.stdout).toBe(stdout);
  });

  test('shows that a secret stands in the file, but not what it is', async () => {
    const config =
      'slack: { bot_token: xoxb-sensitive, signing_secret: [sensitive-signing-1, sensitive-signing-2] }';
    const { stdout, stderr, code } = await runListenerCommand({ config, args: ['check-config'] });
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      slack: { bot_token: '*** (in the file)', signing_secret: ['*** (in the file)', '*** (in the file)'] },
    });
    expect(stdout + stderr).not.toContain('sensitive');
    expect(stderr).toContain('warning: slack.signing_secret[1]: stands in the file as plain text');
  });

  test('shows headers, but not those that come from elsewhere or sound like secrets', async () => {
    const config = `
slack: { bot_token: "\${SLACK_BOT_TOKEN}", signing_secret: "\${SLACK_SIGNING_SECRET}" }
gateway:
  url: https://abc123.execute-api.eu-west-1.amazonaws.com/prod
  headers: { x-team: ci, x-api-key: sensitive-api-key, x-odd: "\${ODD}" }
actions:
  deploy: { allow: [S1A], call: { path: /a, headers: { x-token: sensitive-token, x-from: "\${ODD}", accept: application/json } } }
`;
    const env = { ...ENV, ODD: 'sensitive-header' };
    const { stdout, stderr } = await runListenerCommand({ config, env, args: ['check-config'] });
    expect(parse(stdout)).toMatchObject({
      gateway: { headers: { 'x-team': 'ci', 'x-api-key': '*** (in the file)', 'x-odd': '*** (${ODD})' } },
      actions: {
        deploy: {
          call: {
            headers: { 'x-token': '*** (in the file)', 'x-from': '*** (${ODD})', accept: 'application/json' },
          },
        },
      },
    });
    expect(stdout + stderr).not.toContain('sensitive');
    expect(stderr).toContain('warning: gateway.headers.x-api-key: stands in the file as plain text');
  });

  test('ends with 1 and all problems on stderr for a wrong file', async () => {
    const config = 'server: { prot: 1 }\nstore: { sqlit: a }';
    const { stdout, stderr, code } = await runListenerCommand({ config, args: ['check-config'] });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('server.prot: unknown key, did you mean port?; store.sqlit: unknown key');
  });

  test('takes no file beside --config, and says when it has read none', async () => {
    const beside = await runListenerCommand({ args: ['check-config', 'listener.yaml'] });
    expect(beside).toMatchObject({ code: 1, stdout: '' });
    expect(beside.stderr).toContain(
      'listener: "listener.yaml" is not expected: the configuration is named by --config [CONFIG_INVALID]',
    );
    const none = await runListenerCommand({ args: ['check-config'] });
    expect(none.stderr).toContain('warning: --config: is not given, nor LISTENER_CONFIG: no file was read');
  });

  test('opens no store', async () => {
    const config = 'store: { sqlite: "/nope/nope/listener.db" }';
    expect(await runListenerCommand({ config, args: ['check-config'] })).toMatchObject({ code: 0 });
  });
});

test('listener --help names every verb and option', async () => {
  const { stdout, code } = await runListenerCommand({ args: ['--help'] });
  expect(code).toBe(0);
  for (const word of ['check-config', '--config', '--role all|intake|worker', 'LISTENER_CONFIG'])
    expect(stdout).toContain(word);
});

const BASE = `
server: { public_url: "https://approvals.example", private_port: 1, trusted_proxies: [10.0.0.0/8] }
store: { dynamodb: { requests: t } }
slack: { bot_token: "\${T}", signing_secret: "\${S}", team_id: T0123, pipeline_app: { app_id: A1A, signing_secret: "\${S2}" } }
tokens: [ { name: ci, token: "\${L}", may: [open], gates: [release], actions: [deploy] } ]
gates: { release: { approvers: [S123], from: [main/app] } }
people: { octocat: U123 }
aws: { region: eu-west-1, expect_identity: "123456789012" }
gateway: { url: "https://abc123.execute-api.eu-west-1.amazonaws.com/prod" }
actions: { deploy: { allow: [S123], call: { path: /deploy } } }
audit: { key: "\${K}", manifest: { bucket: audit.example } }
`;
const RISK_ENV = {
  T: 'xoxb-1',
  S: 'signing-secret-0001',
  S2: 'signing-secret-0002',
  L: 'listener-token-0001',
  K: 'audit-key-audit-key-audit-key-audit-key',
};

// What is changed in a file without risks, and the place and words of the one risk that comes of it.
const risks: readonly (readonly [string, string, string, string, string])[] = [
  ['no public address', 'public_url: "https://approvals.example", ', '', 'server.public_url', 'is not set'],
  ['a plain public address', 'https://approvals', 'http://approvals', 'server.public_url', 'is plain http'],
  [
    'no private port',
    'private_port: 1, ',
    '',
    'server.private_port',
    '/v1 and /metrics are on the public port',
  ],
  ['no trusted proxy', ', trusted_proxies: [10.0.0.0/8]', '', 'server.trusted_proxies', 'is empty'],
  ['SQLite', 'dynamodb: { requests: t }', 'sqlite: a.db', 'store.sqlite', 'has one owner'],
  ['no manifest', ', manifest: { bucket: audit.example }', '', 'audit.manifest', 'leaves no trace'],
  ['a manifest on a disk', 'bucket: audit.example', 'file: m.jsonl', 'audit.manifest.file', 'use a bucket'],
  ['no team', 'team_id: T0123, ', '', 'slack.team_id', 'is not set'],
  [
    'one app for all',
    ', pipeline_app: { app_id: A1A, signing_secret: "${S2}" }',
    '',
    'slack.pipeline_app',
    'give pipelines an app of their own',
  ],
  ['another API', 'slack: {', 'slack: { custom_api: true,', 'slack.custom_api', 'not Slack’s'],
  ['a plain secret', '"${S}"', 'signing-secret-0001', 'slack.signing_secret', 'as plain text'],
  ['a token that reads all', 'may: [open]', 'may: [open, read_all]', 'tokens[0].may', 'what every pipeline'],
  ['a token for every gate', 'gates: [release]', 'gates: ["*"]', 'tokens[0].gates', 'is *'],
  [
    'a token for no gate',
    'gates: [release]',
    'gates: [release, relese]',
    'tokens[0].gates',
    'relese is no gate',
  ],
  ['self-approval', '[S123]', '[S123], allow_self: true', 'gates.release.allow_self', 'one person alone'],
  [
    'silence that approves',
    '[S123]',
    '[S123], channels: [C0123], on_timeout: approve, require_reason: never',
    'gates.release.on_timeout',
    'silence',
  ],
  [
    'unknown requesters',
    '[S123]',
    '[S123], unknown_requester: allow',
    'gates.release.unknown_requester',
    'is allow',
  ],
  ['many uses', '[S123]', '[S123], use: many', 'gates.release.use', 'is many'],
  ['any pipeline', ', from: [main/app]', '', 'gates.release.from', 'is not set'],
  [
    'approvers of the pipeline',
    '[S123]',
    'from_pipeline, quorum: 2',
    'gates.release.approvers',
    'from_pipeline',
  ],
  ['nobody known', 'people: { octocat: U123 }', '', 'gates.release.allow_self', 'people is empty'],
  ['an action nobody may offer', ', actions: [deploy]', '', 'actions.deploy', 'by no token'],
  ['any identity', ', expect_identity: "123456789012"', '', 'aws.expect_identity', 'is not set'],
  ['calls without a signature', '/prod" }', '/prod", auth: none }', 'gateway.auth', 'is none'],
  [
    'a button without end',
    'call: { path: /deploy }',
    'once: false, call: { path: /deploy }',
    'actions.deploy.once',
    'without end',
  ],
  ['a gate nobody may use', 'may: [open]', 'may: [read]', 'gates.release', 'by no token'],
];

describe('a warning', () => {
  test('is not given for a file without risks', () =>
    withConfig(BASE, ({ config, resolved }) => expect(risksOf(config, resolved)).toEqual([]), {
      env: RISK_ENV,
    }));

  test.each(risks)('is given for %s', (_what, from, to, path, words) => {
    expect(BASE).toContain(from);
    const use = ({ config, resolved }: Parameters<Parameters<typeof withConfig>[1]>[0]) =>
      expect(risksOf(config, resolved)).toEqual([{ path, message: expect.stringContaining(words) }]);
    return withConfig(BASE.replace(from, to), use, { env: RISK_ENV });
  });

  test('is given for a store that has its audit key beside it', () =>
    withConfig(
      BASE.replace(/^audit:.*$/m, ''),
      ({ config, resolved }) =>
        expect(risksOf(config, resolved).map(({ path }) => path)).toEqual(['audit.key', 'audit.manifest']),
      { env: RISK_ENV },
    ));

  test('is given for a reason that must be written where silence opens the gate, and for roles apart', () => {
    const text = BASE.replace('[S123]', '[S123], channels: [C0123], on_timeout: approve');
    return withConfig(
      text,
      ({ config, resolved }) => {
        expect(risksOf(config, resolved).map(({ path }) => path)).toEqual([
          'gates.release.on_timeout',
          'gates.release.require_reason',
        ]);
        const apart = risksOf({ ...config, role: 'worker' }, resolved);
        expect(apart.map(({ message }) => message).join('; ')).toContain('is approve with the role worker');
      },
      { env: RISK_ENV },
    );
  });

  test('is given twice for a gate whose pipeline names one approver', () => {
    const text = BASE.replace('[S123]', 'from_pipeline');
    return withConfig(
      text,
      ({ config, resolved }) =>
        expect(risksOf(config, resolved).map(({ path }) => path)).toEqual([
          'gates.release.approvers',
          'gates.release.quorum',
        ]),
      { env: RISK_ENV },
    );
  });

  test('is given for a role that cannot share its store', () =>
    withConfig(
      BASE.replace('dynamodb: { requests: t }', 'sqlite: a.db'),
      ({ config, resolved }) =>
        expect(risksOf({ ...config, role: 'worker' }, resolved)[0]).toEqual({
          path: 'role',
          message: 'worker alone cannot share a SQLite file with another: use store.dynamodb',
        }),
      { env: RISK_ENV },
    ));
});

test('the published schema takes the example', () => {
  const schema: object = JSON.parse(readText('assets/schema/listener.json'));
  const ajv = new Ajv2020({ strict: false });
  expect(ajv.validate(schema, parse(EXAMPLE))).toBe(true);
  expect(ajv.validate(schema, { server: { prot: 1 } })).toBe(false);
});
