import { startFakeAws } from '../fakes/aws/server.ts';
import type { FakeAws, FakeAwsOptions } from '../fakes/aws/server.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { runStep, withTempDir, writeTree } from './step.ts';
import type { StepOptions, StepResult } from './step.ts';

/** A workspace and an AWS account, and steps that run against them as processes. */
export interface World {
  readonly slack: FakeSlack;
  readonly aws: FakeAws;
  /** A source that reaches both; `change` replaces top-level keys, `undefined` removes one. */
  readonly source: (change?: Record<string, unknown>) => Record<string, unknown>;
  readonly put: (params: unknown, options?: PutOptions) => Promise<StepResult>;
}

export interface PutOptions extends StepOptions {
  readonly source?: Record<string, unknown>;
  /** Files of the build by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export interface WorldOptions {
  readonly slack?: FakeSlackOptions;
  readonly aws?: FakeAwsOptions;
}

export const SECRET_KEY = 'sensitive-secret-access-key';
export const BUILD = {
  BUILD_ID: '4711',
  BUILD_NAME: '41',
  BUILD_JOB_NAME: 'deploy',
  BUILD_PIPELINE_NAME: 'app',
  BUILD_TEAM_NAME: 'main',
  ATC_EXTERNAL_URL: 'https://ci.example.com',
} as const;

/** Gives a test its own world, checks at its end that nothing undocumented was asked for, and closes it. */
export async function withWorld(
  use: (world: World) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const slack = await startFakeSlack(options.slack);
  const aws = await startFakeAws({
    accessKeyId: 'AKIASENSITIVE0000001',
    secretAccessKey: SECRET_KEY,
    buckets: ['ci-artifacts'],
    ...options.aws,
  });
  try {
    await use(makeWorld(slack, aws));
    slack.expectNoUnknown();
    aws.expectNoUnknown();
  } finally {
    await Promise.all([slack.close(), aws.close()]);
  }
}

function makeWorld(slack: FakeSlack, aws: FakeAws): World {
  const source = (change: Record<string, unknown> = {}) => ({
    channel: 'C0RELEASES1',
    prefix: 'slack-content/',
    slack: { token: slack.token, api_url: slack.apiUrl },
    aws: {
      region: 'eu-west-1',
      access_key_id: 'AKIASENSITIVE0000001',
      secret_access_key: SECRET_KEY,
      endpoint: aws.url,
    },
    s3: { bucket: 'ci-artifacts', path_style: true },
    ...change,
  });
  return {
    slack,
    aws,
    source,
    put: (params, options = {}) =>
      withTempDir(async (dir) => {
        await writeTree(dir, options.files ?? {});
        const request = { source: options.source ?? source(), ...(params !== undefined && { params }) };
        return runStep('out', request, { dir, env: BUILD, ...options });
      }),
  };
}

/** The addresses of all links in blocks, in order: in mrkdwn, and of buttons. */
export function linksIn(blocks: unknown): string[] {
  const links: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'url' && typeof value === 'string') links.push(value);
    if (key === 'text' && typeof value === 'string') {
      const found = value.matchAll(/<(https?:[^|>]+)\|/g);
      links.push(...[...found].map(([, url]) => (url ?? '').replaceAll('&amp;', '&')));
    }
    return value;
  });
  return links;
}
