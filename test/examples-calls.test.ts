import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { prepareAction } from '../src/gateway/action.ts';
import { isRecord } from '../src/kit/json.ts';
import { compileValueSchema } from '../src/listener/config/value-schema.ts';
import { verifyActionValue } from '../src/slack/verify-action-value.ts';
import { createConcourse } from './fakes/concourse/create-concourse.ts';
import type { Concourse } from './fakes/concourse/concourse.ts';
import { startFakeGateway } from './fakes/gateway/server.ts';
import type { FakeGateway } from './fakes/gateway/server.ts';
import { withTempDir } from './support/step.ts';
import { SECRET_KEY, withWorld } from './support/world.ts';
import type { World } from './support/world.ts';

const assets = process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../assets', import.meta.url));
const TOKEN = 'sensitive-listener-token';
const read = (name: string): Record<string, unknown> => {
  const value: unknown = parse(readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8'));
  return isRecord(value) ? value : {};
};

/** aws-integration.yaml as written, but for the addresses that lead to the fakes. */
function withExample(
  use: (concourse: Concourse, world: World, gateway: FakeGateway) => Promise<void>,
): Promise<void> {
  return withWorld((world) =>
    withTempDir(async (workDir) => {
      const keys = { accessKeyId: 'AKIASENSITIVE0000001', secretAccessKey: SECRET_KEY };
      const gateway = await startFakeGateway({ ...keys, states: ['running', 'done'] });
      const { resources, ...pipeline } = read('aws-integration.yaml');
      const pointed = (Array.isArray(resources) ? resources.filter(isRecord) : []).map((resource) => {
        const source = isRecord(resource['source']) ? resource['source'] : {};
        const { slack, aws } = source;
        return {
          ...resource,
          source: {
            ...source,
            ...(isRecord(slack) && { slack: { ...slack, api_url: world.slack.apiUrl } }),
            ...(isRecord(aws) && { aws: { ...aws, endpoint: world.aws.url } }),
          },
        };
      });
      const vars = {
        slack: { bot_token: world.slack.token, channel_id: 'C0RELEASES1' },
        aws: {
          region: 'eu-west-1',
          access_key_id: keys.accessKeyId,
          secret_access_key: SECRET_KEY,
          bucket: 'ci-artifacts',
        },
        gateway: { url: gateway.url },
        listener: { url: 'https://approvals.example.com', token: TOKEN },
      };
      const resourceTypes = { 'concourse-slack-aws-resource': assets };
      try {
        await use(
          createConcourse({ pipeline: { ...pipeline, resources: pointed }, vars, workDir, resourceTypes }),
          world,
          gateway,
        );
        gateway.expectNoUnknown();
      } finally {
        await gateway.close();
      }
    }),
  );
}

test('aws-integration calls a service, waits for it, and tells the channel with a link to its answer', () =>
  withExample(async (concourse, { slack, aws }, gateway) => {
    const build = await concourse.trigger('call-service');
    expect(build.status, build.log).toBe('succeeded');
    expect(gateway.deployments.begun).toMatchObject([
      { order: { namespace: 'production', build: String(build.id) } },
    ]);
    expect(gateway.calls.map(({ method, target }) => `${method} ${target}`)).toEqual([
      'POST /prod/deploy',
      'GET /prod/deploy/d-1',
      'GET /prod/deploy/d-1',
    ]);
    expect(slack.messages('releases')[0]?.text).toBe('Deployment d-1 is done: HTTP 200');
    expect(aws.s3.object('ci-artifacts', `slack-content/calls/${build.id}.json`)).toBeDefined();
    expect(build.log).not.toMatch(/sensitive/);
  }));

test("aws-integration posts a button whose value the listener's example takes for a call", () =>
  withExample(async (concourse, { slack }) => {
    const build = await concourse.trigger('post-deploy-button');
    expect(build.status, build.log).toBe('succeeded');
    const value =
      /"value":"(v1[^"]+)"/.exec(JSON.stringify(slack.messages('releases')[0]?.blocks))?.[1] ?? '';
    const hash = createHash('sha256').update(TOKEN).digest();
    const now = Date.now();
    const clicked = verifyActionValue(value, [{ name: 'ci-main', hash }], { channel: 'C0RELEASES1', now });
    if (clicked.kind !== 'verified') throw new Error(clicked.reason);
    const { actions, tokens } = read('listener.yaml');
    const action: Record<string, unknown> =
      isRecord(actions) && isRecord(actions['deploy']) ? actions['deploy'] : {};
    const compiled = compileValueSchema(action['value']);
    const call = isRecord(action['call']) ? action['call'] : {};
    const prepared = prepareAction(
      {
        name: 'deploy',
        channels: [],
        problemsOf: 'problemsOf' in compiled ? compiled.problemsOf : () => [compiled.mistake],
        confirm: String(action['confirm']),
        once: true,
        maxAgeMs: 86_400_000,
        rate: undefined,
        call: { method: 'POST', path: String(call['path']), body: call['body'] },
      },
      {
        ...clicked,
        messageTs: '1700000000.000100',
        token: { name: clicked.token, actions: new Set(['deploy']) },
        user: { id: 'U1', name: 'Ana', allowed: true },
        clickId: 'c',
      },
      now,
    );
    expect(prepared).toMatchObject({ kind: 'ready', confirm: 'Deploy app?', call: { path: '/deploy' } });
    expect(JSON.stringify(tokens)).toContain('"actions":["deploy"]');
  }));
