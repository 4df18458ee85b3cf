import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { gateOf } from '../../../src/listener/config/gate-of.ts';
import { BOT_TOKEN, configOf, SIGNING_SECRET, TOKEN } from './load.ts';

const SLACK = `slack: { bot_token: ${BOT_TOKEN}, signing_secret: ${SIGNING_SECRET} }`;

test('fills in the defaults of a gate', async () => {
  const config = await configOf(`${SLACK}\ngates: { release: { approvers: [S456, U123, U123] } }`);
  expect(config.gates.get('release')).toEqual({
    approvers: ['S456', 'U123'],
    quorum: 1,
    denyQuorum: 1,
    allowSelf: false,
    maxTimeoutMs: 8 * 3_600_000,
    onTimeout: 'deny',
    validForMs: 24 * 3_600_000,
    use: 'once',
    channels: [],
    from: [],
    requireReason: 'deny',
    unknownRequester: 'raise',
    maxOpen: 50,
    remindEveryMs: undefined,
  });
});

test('reads what a gate says', async () => {
  const config = await configOf(`${SLACK}
gates:
  "*":
    approvers: from_pipeline
    quorum: 2
    deny_quorum: 2
    allow_self: true
    max_timeout: 1h30m
    on_timeout: approve
    valid_for: PT2H
    use: many
    channels: [C0AB]
    from: [main/app]
    require_reason: always
    unknown_requester: allow
    max_open: 7
    remind_every: 30m
`);
  expect(config.gates.get('*')).toEqual({
    approvers: 'from_pipeline',
    quorum: 2,
    denyQuorum: 2,
    allowSelf: true,
    maxTimeoutMs: 5_400_000,
    onTimeout: 'approve',
    validForMs: 7_200_000,
    use: 'many',
    channels: ['C0AB'],
    from: ['main/app'],
    requireReason: 'always',
    unknownRequester: 'allow',
    maxOpen: 7,
    remindEveryMs: 1_800_000,
  });
});

describe('gateOf', () => {
  const names = ['release', 'main/*', 'main/app-*', '*'];
  const gates = async (keys: readonly string[]) =>
    (
      await configOf(
        `${SLACK}\ngates: {${keys.map((key, at) => `"${key}": { approvers: [U${at}${at}] }`).join(', ')}}`,
      )
    ).gates;

  test.each([
    ['release', 'U00'],
    ['main/db', 'U11'],
    ['main/app-web', 'U22'],
    ['other/thing', 'U33'],
  ])('finds for %s the exact name, else the longest pattern', async (gate, approver) => {
    expect(gateOf(await gates(names), gate)?.approvers).toEqual([approver]);
  });

  test('finds nothing for an unknown gate, nor for a pattern given as a name', async () => {
    const some = await gates(['release', 'main/*']);
    expect(gateOf(some, 'releases')).toBeUndefined();
    expect(gateOf(some, 'main/a/b')).toBeUndefined();
    expect(gateOf(await gates(['release.*']), 'releaseXa')).toBeUndefined();
  });
});

test('keeps a token as its hash', async () => {
  const config = await configOf(
    `tokens: [{ name: ci, token: [${TOKEN}, ${TOKEN}2], may: [open], gates: ["main/*"] }]`,
  );
  const [token] = config.tokens;
  expect(token?.hashes()).toEqual([sha256(TOKEN), sha256(`${TOKEN}2`)]);
  expect(token?.gates('main/app')).toBe(true);
  expect(token?.gates('other')).toBe(false);
  expect([...(token?.may ?? [])]).toEqual(['open']);
});

test('gives a token without gates no gate', async () => {
  const config = await configOf(`tokens: [{ name: ci, token: ${TOKEN}, may: [open] }]`);
  expect(config.tokens[0]?.gates('release')).toBe(false);
});

test('prints no secret however it is printed', async () => {
  const config = await configOf(`${SLACK}
tokens: [{ name: ci, token: ${TOKEN}, may: [open] }]
audit: { key: sensitive-audit-key-sensitive-audit-key }
gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod", headers: { x-api-key: sensitive-api-key } }
`);
  const printed = `${inspect(config, { depth: 20 })}${JSON.stringify(config)}${String(config.slack?.botToken)}`;
  expect(printed).not.toContain('sensitive');
});

test('takes names of people without regard to case', async () => {
  const config = await configOf('people: { OctoCat: U123 }');
  expect(config.people.get('octocat')).toBe('U123');
});

test.each([
  ['the region given', 'https://abc.execute-api.eu-west-1.amazonaws.com', ', region: us-west-2', 'us-west-2'],
  ['that of the host', 'https://abc.execute-api.eu-west-1.amazonaws.com', '', 'eu-west-1'],
  ['that of aws where the host names none', 'https://api.example.com', '', 'ap-south-1'],
])('signs calls for %s', async (_what, url, more, region) => {
  const config = await configOf(`aws: { region: ap-south-1 }\ngateway: { url: "${url}"${more} }`);
  expect(config.gateway?.region).toBe(region);
});

test('checks the value of a button by the schema of its action', async () => {
  const config = await configOf(`${SLACK}
gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod" }
actions:
  deploy:
    allow: [S456]
    value: { type: object, properties: { deployment: { enum: [app, api] } }, required: [deployment], additionalProperties: false }
    call: { path: /deploy, timeout: 5s }
  restart: { allow: [S456], call: { path: /restart, method: PUT } }
`);
  const deploy = config.actions.get('deploy');
  expect(deploy?.problemsOf({ deployment: 'app' })).toEqual([]);
  expect(deploy?.problemsOf({ deployment: 'db', more: 1 })).toEqual([
    'value.more: unknown key',
    'value.deployment: must be one of app, api',
  ]);
  expect(deploy?.problemsOf(undefined)).not.toEqual([]);
  expect(deploy).toMatchObject({
    once: true,
    maxAgeMs: 86_400_000,
    call: { method: 'POST', timeoutSeconds: 5 },
  });
  const restart = config.actions.get('restart');
  expect(restart?.problemsOf(undefined)).toEqual([]);
  expect(restart?.problemsOf({ any: 1 })).toEqual(['value: must be absent']);
});

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
