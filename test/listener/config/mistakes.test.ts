import { describe, expect, test } from 'vitest';
import { problemsOf } from './load.ts';

const SLACK = 'slack: { bot_token: xoxb-1, signing_secret: 0123456789abcdef }';
const GATEWAY = 'gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod" }';
const ACTION = 'allow: [S456], call: { path: /deploy }';
const T1 = 'token-number-one-0001';
const T2 = 'token-number-two-0002';

// What the file says, and the one line about it.
const table: readonly (readonly [string, string, string])[] = [
  ['a mistyped section', 'gate: {}', 'gate: unknown key, did you mean gates?'],
  ['a mistyped key', 'server: { prot: 1 }', 'server.prot: unknown key, did you mean port?'],
  ['a key of another place', 'port: 1', 'port: unknown key, it belongs under server'],
  [
    'a mistyped key of a named place',
    `${SLACK}\ngates: { release: { approvers: [U123], quorm: 2 } }`,
    'gates.release.quorm: unknown key, did you mean quorum?',
  ],
  ['a section of a later release', 'access: {}', 'access: comes with a later release'],
  ['another section of a later release', 's3_proxy: {}', 's3_proxy: comes with a later release'],
  ['a port that is none', 'server: { port: 70000 }', 'server.port: must be at most 65535'],
  ['a port in words', 'server: { port: http }', 'server.port: must be a whole number, is a string'],
  [
    'the public port as the private one',
    'server: { port: 8080, private_port: 8080 }',
    'server.private_port: is the public port: give it one of its own',
  ],
  ['a long delay', 'server: { shutdown_delay: 20s }', 'server.shutdown_delay: must be at most 15s'],
  [
    'no duration',
    'server: { shutdown_delay: soon }',
    'server.shutdown_delay: must be a duration such as 90s, 15m, 2h, 1d or PT2H',
  ],
  [
    'no duration at all',
    'server: { shutdown_delay: 0s }',
    'server.shutdown_delay: must be a duration such as 90s, 15m, 2h, 1d or PT2H',
  ],
  [
    'no rate',
    'server: { rate_limits: { token: 0/m } }',
    'server.rate_limits.token: must be a rate such as 5/m, 10/s or 100/h',
  ],
  [
    'a proxy that is no network',
    'server: { trusted_proxies: [10.0.0.0/40] }',
    'server.trusted_proxies[0]: must be an address or a network, such as 10.0.0.0/8',
  ],
  [
    'no address',
    'server: { public_url: "https://a b" }',
    'server.public_url: must be an http or https address without user name, query or fragment',
  ],
  [
    'two stores',
    'store: { sqlite: a.db, dynamodb: { requests: t } }',
    'store: has both sqlite and dynamodb: keep one',
  ],
  ['a table without a name', 'store: { dynamodb: {} }', 'store.dynamodb.requests: required'],
  ['no bot token', 'slack: { signing_secret: 0123456789abcdef }', 'slack.bot_token: required'],
  [
    'no signing secret',
    'slack: { bot_token: xoxb-1 }',
    'slack.signing_secret: required with mode http and both',
  ],
  [
    'an empty signing secret',
    'slack: { bot_token: xoxb-1, signing_secret: "" }',
    'slack.signing_secret: is empty',
  ],
  [
    'an empty list of signing secrets',
    'slack: { bot_token: xoxb-1, signing_secret: [] }',
    'slack.signing_secret: is an empty list',
  ],
  [
    'an empty signing secret in a list',
    'slack: { bot_token: xoxb-1, signing_secret: [0123456789abcdef, ""] }',
    'slack.signing_secret[1]: is empty',
  ],
  [
    'a short signing secret',
    'slack: { bot_token: xoxb-1, signing_secret: abc }',
    'slack.signing_secret: is too short: it must have at least 16 characters',
  ],
  [
    'a signing secret with a line break',
    'slack: { bot_token: xoxb-1, signing_secret: "0123456789abcdef\\n" }',
    'slack.signing_secret: holds a line break, a blank or another character that no such value has: see how it was stored',
  ],
  [
    'swapped tokens',
    'slack: { bot_token: xapp-1, signing_secret: 0123456789abcdef }',
    'slack.bot_token: is an app-level token, which belongs under slack.app_token',
  ],
  [
    'a token of a user',
    'slack: { bot_token: xoxp-1, signing_secret: 0123456789abcdef }',
    'slack.bot_token: is a token of a user: the listener acts as a bot (xoxb-…)',
  ],
  [
    'no app token',
    'slack: { bot_token: xoxb-1, mode: socket }',
    'slack.app_token: required with mode socket and both',
  ],
  [
    'another API',
    'slack: { bot_token: xoxb-1, signing_secret: 0123456789abcdef, api_url: "https://slack.example/api/" }',
    "slack.api_url: is not Slack's: the token would go there, unless custom_api: true says that it is meant",
  ],
  [
    'one secret for two apps',
    'slack: { bot_token: xoxb-1, signing_secret: 0123456789abcdef, pipeline_app: { app_id: A123, signing_secret: 0123456789abcdef } }',
    "slack.pipeline_app.signing_secret: is also that of the listener's own app: give that of the other app, or remove pipeline_app if there is one app for both",
  ],
  [
    'a team by its name',
    'slack: { bot_token: xoxb-1, signing_secret: 0123456789abcdef, team_id: acme }',
    'slack.team_id: must be the id of a workspace, such as T0123ABCD',
  ],
  [
    'a manifest nowhere',
    'audit: { key: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, manifest: { every: 2h } }',
    'audit.manifest: needs either file or bucket',
  ],
  [
    'a manifest in two places',
    'audit: { key: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, manifest: { file: a, bucket: b } }',
    'audit.manifest: needs either file or bucket',
  ],
  [
    'a prefix of a file',
    'audit: { key: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, manifest: { file: a, prefix: b } }',
    'audit.manifest.prefix: belongs to bucket, there is a file',
  ],
  [
    'a manifest in a bucket of no region',
    'audit: { key: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, manifest: { bucket: b } }',
    'audit.manifest.bucket: needs aws.region, the region of the bucket',
  ],
  ['an empty token', 'tokens: [{ name: a, token: "", may: [open] }]', 'tokens[0].token: is empty'],
  [
    'a short token',
    'tokens: [{ name: a, token: short, may: [open] }]',
    'tokens[0].token: is too short: it must have at least 16 characters',
  ],
  [
    'a variable of Concourse',
    'tokens: [{ name: a, token: "((listener.token))", may: [open] }]',
    'tokens[0].token: is the name of a variable: the listener reads ${NAME} and ${file:/path}',
  ],
  [
    'a variable without braces',
    'slack: { bot_token: $SLACK_BOT_TOKEN, signing_secret: 0123456789abcdef }',
    'slack.bot_token: is the name of a variable',
  ],
  [
    'a name twice',
    `tokens: [{ name: a, token: ${T1}, may: [open] }, { name: a, token: ${T2}, may: [open] }]`,
    'tokens[1].name: is that of tokens[0] too',
  ],
  [
    'a token twice',
    `tokens: [{ name: a, token: ${T1}, may: [open] }, { name: b, token: [${T2}, ${T1}], may: [open] }]`,
    'tokens[1].token: is that of tokens[0] too: give each holder one of its own',
  ],
  [
    'an unknown right',
    `tokens: [{ name: a, token: ${T1}, may: [opn] }]`,
    'tokens[0].may[0]: must be one of open, read, read_all, claim, link, graph',
  ],
  [
    'an unknown action',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { ${ACTION} } }\ntokens: [{ name: a, token: ${T1}, may: [open], actions: [deplyo] }]`,
    'tokens[0].actions[0]: is no action of this file, did you mean deploy?',
  ],
  [
    'a gate that silence opens, in whatever channel a pipeline names',
    `${SLACK}\ngates: { release: { approvers: [U123], on_timeout: approve } }`,
    'gates.release.channels: required with on_timeout: approve',
  ],
  [
    'gates without Slack',
    'gates: { release: { approvers: [U123] } }',
    'gates: needs slack: cards are posted there',
  ],
  ['a gate without approvers', `${SLACK}\ngates: { release: {} }`, 'gates.release.approvers: required'],
  [
    'an approver by name',
    `${SLACK}\ngates: { release: { approvers: ["@ana"] } }`,
    'gates.release.approvers[0]: must be the id of a user (U0123ABCD) or of a user group (S0123ABCD), or an e-mail address',
  ],
  [
    'a word for approvers',
    `${SLACK}\ngates: { release: { approvers: everybody } }`,
    'gates.release.approvers: must be a list of users, user groups and e-mail addresses, or from_pipeline',
  ],
  [
    'a quorum of none',
    `${SLACK}\ngates: { release: { approvers: [S123], quorum: 0 } }`,
    'gates.release.quorum: must be at least 1',
  ],
  [
    'a quorum that cannot be met',
    `${SLACK}\ngates: { release: { approvers: [U123, U124], quorum: 3 } }`,
    'gates.release.quorum: can never be met by 2 approvers',
  ],
  [
    'a gate with a blank',
    `${SLACK}\ngates: { "re lease": { approvers: [U123] } }`,
    'gates["re lease"]: is no name of a gate: use letters, digits, . _ - / and * in patterns',
  ],
  [
    'a pipeline without its team',
    `${SLACK}\ngates: { release: { approvers: [U123], from: [app] } }`,
    'gates.release.from[0]: must be team/pipeline, such as main/app or main/*',
  ],
  [
    'a channel by name',
    `${SLACK}\ngates: { release: { approvers: [U123], channels: ["#ops"] } }`,
    'gates.release.channels[0]: must be the id of a channel, such as C0123ABCD: names can be given to another channel',
  ],
  [
    'a person by name',
    'people: { octocat: ana }',
    'people.octocat: must be the id of a user, such as U0123ABCD',
  ],
  [
    'an action for somebody who is neither user, group nor e-mail',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { allow: ['@alice'], call: { path: /a } } }`,
    'actions.deploy.allow[0]: must be the id of a user (U0123ABCD) or of a user group (S0123ABCD), or an e-mail address',
  ],
  [
    'an action with a rate that no record holds',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { ${ACTION}, rate: 501/d } }`,
    'actions.deploy.rate: must count at most 500',
  ],
  [
    'an action that would wait too long',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { allow: [S1A], call: { path: /a, timeout: 46s } } }`,
    'actions.deploy.call.timeout: must be at most 45s: let the service answer at once and go on by itself',
  ],
  [
    'calls that would wait too long',
    'gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod", timeout: 1m }',
    'gateway.timeout: must be at most 45s: let the service answer at once and go on by itself',
  ],
  [
    'an expected identity that nobody has',
    'aws: { expect_identity: my-role }',
    'aws.expect_identity: must be an account of 12 digits, or the ARN of a user or a role',
  ],
  [
    'an action without a gateway',
    `${SLACK}\nactions: { deploy: { ${ACTION} } }`,
    'actions: needs gateway: that is what they call',
  ],
  [
    'an action for nobody',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { allow: [], call: { path: /a } } }`,
    'actions.deploy.allow: is an empty list',
  ],
  [
    'a path without a slash',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { allow: [S1A], call: { path: a } } }`,
    'actions.deploy.call.path: must begin with exactly one slash',
  ],
  [
    'a schema that is none',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { ${ACTION}, value: { type: objekt } } }`,
    'actions.deploy.value: is no JSON Schema: schema is invalid: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf',
  ],
  [
    'a schema with a mistyped keyword',
    `${SLACK}\n${GATEWAY}\nactions: { deploy: { ${ACTION}, value: { type: object, requird: [a] } } }`,
    'actions.deploy.value: is no JSON Schema: strict mode: unknown keyword: "requird"',
  ],
  [
    'a header that is ours',
    'gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod", headers: { authorization: x } }',
    'gateway.headers.authorization',
  ],
  [
    'a webhook of no gate',
    `${SLACK}\ngates: { release: { approvers: [U123] } }\nconcourse: { url: "https://ci.example", webhooks: [{ gate: relese, team: m, pipeline: p, resource: r, token: t }] }`,
    'concourse.webhooks[0].gate: is no gate of this file, did you mean release?',
  ],
  [
    'a short audit key',
    'audit: { key: abc }',
    'audit.key: is too short: it must have at least 32 characters',
  ],
];

describe('refuses', () => {
  test.each(table)('%s', async (_what, text, line) => {
    const problems = await problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
  });
});

test('tells all mistakes at once, each by its path and once', async () => {
  const text = `
server: { prt: 1 }
workflows: {}
slack: { bot_token: xapp-1, mode: htp }
tokens: [{ name: a, token: short, may: [open] }]
`;
  expect(await problemsOf(text)).toEqual([
    'workflows: comes with a later release',
    'server.prt: unknown key, did you mean port?',
    'slack.mode: must be one of http, socket, both',
    'slack.bot_token: is an app-level token, which belongs under slack.app_token',
    'tokens[0].token: is too short: it must have at least 16 characters',
  ]);
});

test.each([
  ['valid_for: 60', 'valid_for: 60 is not a duration: write 60s, 60m or 60h'],
  ['valid_for: "60"', 'valid_for: 60 is not a duration: write 60s, 60m or 60h'],
  ['max_timeout: 1.5', 'max_timeout: must be a duration such as 90s, 15m, 2h, 1d or PT2H'],
  ['max_timeout: 0', 'max_timeout: must be a duration such as 90s, 15m, 2h, 1d or PT2H'],
  ['remind_every: 30min', 'remind_every: must be a duration such as 90s, 15m, 2h, 1d or PT2H'],
  ['use: 1', 'use: must be one of once, many'],
])('says of a gate with %s at once what it must be', async (line, problem) => {
  const gates = `gates: { release: { approvers: [U123], ${line} } }`;
  await expect(problemsOf(`${SLACK}\n${gates}`)).resolves.toEqual([`gates.release.${problem}`]);
});

test('says of a rate without its time, and of a number in place of a text, what to write', async () => {
  await expect(problemsOf('server: { rate_limits: { token: 600 }, host: 5 }')).resolves.toEqual([
    'server.host: must be text, is a number: put it in quotes',
    'server.rate_limits.token: 600 is not a rate: write 600/s, 600/m or 600/h',
  ]);
});

test('never quotes what a wrong file holds', async () => {
  const text = `
slack: { bot_token: xoxp-sensitive, signing_secret: sensitive, pipeline_app: sensitive }
tokens: [{ name: a, token: sensitive, may: [open] }]
audit: { key: sensitive }
`;
  expect((await problemsOf(text)).join('\n')).not.toContain('sensitive');
});

test('says that a reference inside braces needs quotes, as YAML has it', async () => {
  await expect(problemsOf('slack: { bot_token: ${SLACK_BOT_TOKEN}, mode: http }')).resolves.toEqual([
    expect.stringContaining('is not YAML'),
  ]);
});

test('refuses a file that holds no map, and one that is not there', async () => {
  expect(await problemsOf('- a\n- b')).toEqual([expect.stringContaining('must hold a map of sections')]);
});
