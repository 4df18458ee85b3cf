import { send, signed } from '../fakes/aws/testing.ts';
import type { Answer, Outgoing } from '../fakes/aws/testing.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { runStep, withTempDir, writeTree } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { BUILD, linksIn } from '../support/world.ts';
import type { PutOptions } from '../support/world.ts';

/** Where scripts/test-s3.sh has started Ceph's S3 server. */
export const origin: string = process.env['S3_ORACLE_URL'] ?? '';
// Any region is as good as another to Ceph; ours has to be the one we sign for.
const REGION = 'eu-west-1';
export const ROLE = 'arn:aws:iam:::role/reports';
const OWNER = { accessKeyId: 'AKIAORACLE', secretAccessKey: 'sensitive-oracle-secret' };
export const STRANGER = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'sensitive-stranger-secret' };

export interface Oracle {
  readonly slack: FakeSlack;
  /** A bucket of this test alone. */
  readonly bucket: string;
  /** Sends a request that aws4 has signed. */
  readonly admin: (outgoing: Outgoing) => Promise<Answer>;
  /** A source that reaches both; `change` replaces keys of `aws` and `s3`. */
  readonly source: (change?: SourceChange) => Record<string, unknown>;
  readonly put: (params: unknown, options?: PutOptions) => Promise<StepResult>;
  /** The addresses that the newest parent message of #releases leads to. */
  readonly links: () => string[];
}

export interface SourceChange {
  readonly aws?: object;
  readonly s3?: object;
}

let buckets = 0;

/** Gives a test a bucket at Ceph and a workspace at a fake Slack. */
export async function withOracle(
  use: (oracle: Oracle) => Promise<void>,
  options: FakeSlackOptions = {},
): Promise<void> {
  if (origin === '') throw new Error('run these tests by `npm run test:s3`, which starts the server');
  const slack = await startFakeSlack(options);
  buckets += 1;
  const bucket = `artifacts-${process.pid}-${Date.now()}-${buckets}`;
  try {
    const oracle = oracleOf(slack, bucket);
    const made = await oracle.admin({ method: 'PUT', path: `/${bucket}` });
    if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${made.body}`);
    await use(oracle);
    slack.expectNoUnknown();
  } finally {
    await slack.close();
  }
}

function oracleOf(slack: FakeSlack, bucket: string): Oracle {
  const source: Oracle['source'] = (change = {}) => ({
    channel: 'C0RELEASES1',
    prefix: 'slack-content/',
    slack: { token: slack.token, api_url: slack.apiUrl },
    aws: {
      region: REGION,
      endpoint: origin,
      access_key_id: OWNER.accessKeyId,
      secret_access_key: OWNER.secretAccessKey,
      ...change.aws,
    },
    s3: { bucket, path_style: true, ...change.s3 },
  });
  return {
    slack,
    bucket,
    source,
    admin: (outgoing) => send(origin, signed(origin, outgoing, { region: REGION, keys: OWNER })),
    put: (params, options = {}) =>
      withTempDir(async (dir) => {
        await writeTree(dir, options.files ?? {});
        const request = { source: options.source ?? source(), params };
        return runStep('out', request, { dir, env: BUILD, ...options });
      }),
    links: () => linksIn(slack.messages('releases').findLast((one) => one.thread_ts === undefined)?.blocks),
  };
}

/** Follows a link byte for byte, as a browser does not: it would fold what looks like dots. */
export function follow(url: string, method = 'GET', to = origin): Promise<Answer> {
  const { origin: named, host } = new URL(url);
  return send(to, { method, path: url.slice(named.length), headers: { host } });
}
