import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { parseGet, parsePut } from '../../src/resource/params.ts';
import { readText } from '../support/markdown.ts';
import { snippets } from '../support/snippets.ts';
import type { Snippet } from '../support/snippets.ts';
import { withWorld } from '../support/world.ts';
import { versionOf, withCalls } from '../resource/call-world.ts';

const full = {
  channel: 'C0RELEASES1',
  slack: { token: '((slack.bot_token))' },
  aws: { region: 'eu-west-1' },
  s3: { bucket: 'ci-artifacts' },
  gateway: { url: 'https://abc123.execute-api.eu-west-1.amazonaws.com/prod' },
  listener: { url: 'https://approvals.internal', token: '((listener.token))' },
};
const given = snippets();
const table = given.map((snippet, index) => [`put ${index + 1}, ${snippet.where}`, snippet] as const);

test('the documents show more than ten puts', () => {
  expect(given.length).toBeGreaterThan(10);
});

describe.each(table)('%s', (_where, { put, source, hooked }) => {
  test('has a source and params that pass the checks of a put', async () => {
    const own = source ?? (isA('claim', put) ? { ...full, gate: 'release' } : full);
    const { params } = await parsePut(filled(own), filled(put['params']), hooked);
    expect(params).toBeDefined();
  });

  test('has get_params that pass the checks of a get', async () => {
    await expect(parseGet(filled(source ?? full), filled(put['get_params']))).resolves.toBeDefined();
  });
});

/** `((var))`s as a credential manager would fill them in. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\(\([^)]+\)\)/g, 'placeholder');
  if (Array.isArray(value)) return value.map(filled);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, filled(child)]));
}

// What the puts of the documents speak of.
const files = {
  'repo/.git/committer': 'somebody@example.com\n',
  'report/s3_uri': 's3://ci-artifacts/slack-content/reports/report.pdf\n',
  'out/test.log': '12 passed\n',
  'out/report.html': '<h1>12 passed</h1>',
  'release/channel': 'C0RELEASES1',
  'release/ts': '1700000000.000100',
};

function isA(shape: string, put: Snippet['put']): boolean {
  return isRecord(put['params']) && put['params'][shape] !== undefined;
}

const isCall = ({ put }: Snippet) => isA('call', put);
const isGated = ({ put }: Snippet) => isA('approval', put) || isA('claim', put);
const stepsAlone = table.filter(
  ([, snippet]) => snippet.source === undefined && !isCall(snippet) && !isGated(snippet),
);
const calls = table.filter(([, snippet]) => isCall(snippet));

test.each(stepsAlone)('%s does what it says, as a dry run shows', (_where, snippet) =>
  withWorld(async ({ put, source, slack, aws }) => {
    const object = { type: 'application/pdf' };
    aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', '%PDF-1.7', object);
    for (const versionId of versionsIn(snippet))
      aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', '%PDF-1.6', { ...object, versionId });
    aws.s3.put('ci-artifacts', 'slack-content/charts/cpu.png', 'png', { type: 'image/png' });
    const params = isRecord(snippet.put['params']) ? snippet.put['params'] : {};
    const env = { ...build, ...(snippet.hooked && { BUILD_STATUS: 'failed' }) };
    const step = await put(
      { ...params, dry_run: true },
      { files, env, source: source({ listener: full.listener }) },
    );
    expect(step.stderr).toContain('dry run: ');
    expect(step).toMatchObject({ code: 0 });
    expect(slack.calls).toEqual([]);
  }),
);

test.each(calls)('%s calls a service, and its get writes the answer', (_where, { put }) =>
  withCalls(
    async ({ call, get, gateway }) => {
      gateway.deployments.begin({}, undefined);
      const params = isRecord(put['params']) ? put['params'] : {};
      const step = await call({}, params);
      expect(step.code, step.stderr).toBe(0);
      const got = await get(versionOf(step), put['get_params']);
      expect(got.code, got.stderr).toBe(0);
      expect(got.files['body']).toContain('"status":"done"');
    },
    { states: ['done'] },
  ),
);

const build = {
  BUILD_ID: '4711',
  BUILD_NAME: '41',
  BUILD_JOB_NAME: 'test',
  BUILD_PIPELINE_NAME: 'app',
  BUILD_TEAM_NAME: 'main',
  ATC_EXTERNAL_URL: 'https://ci.example.com',
};

function versionsIn({ put }: Snippet): string[] {
  return [...JSON.stringify(put).matchAll(/"version_id":"([^"]+)"/g)].map(([, id = '']) => id);
}

test('the line that a put writes by itself is the one the README shows', () =>
  withWorld(async ({ put, slack }) => {
    await put({}, { env: { ...build, BUILD_STATUS: 'failed' } });
    const [message] = slack.messages('releases');
    const shown = message?.text.replace(/<[^|>]+\|([^>]+)>/, '$1');
    expect(readText('README.md')).toContain(`\`${shown}\``);
  }));

test('a dry run prints what the README says of an untrusted value', () =>
  withWorld(async ({ put }) => {
    const step = await put({ text: 'Hello {{name}}', vars: { name: '<!channel>' }, dry_run: true });
    expect(step.stderr).toContain('"Hello &lt;!channel&gt;"');
    expect(readText('README.md')).toContain('`&lt;!channel&gt;`');
  }));

test('a refusal prints what the README shows', () =>
  withWorld(async ({ put, slack }) => {
    slack.fault('chat.postMessage', { error: 'not_in_channel' });
    const step = await put({ channel: '#releases', text: 'Hello' });
    // oxlint-disable-next-line no-control-regex -- colours
    const plain = step.stderr.replace(/\u001b\[\d+m/g, '');
    expect(readText('README.md')).toContain(`\`\`\`\n${plain}\`\`\``);
    expect(step).toMatchObject({ code: 1, stdout: '' });
  }));
