import { parseArgs } from 'node:util';
import { Fault, messageOf } from '../kit/fault.ts';
import { readBuild } from './build.ts';
import { parsePut } from './params.ts';
import { putMessage } from './put-message.ts';
import type { StepContext } from './run-step.ts';

const USAGE =
  's3-to-slack -m link|upload|image [BUCKET] KEY CHANNEL [--title T] [--text T] [--alt T] [--expires-in 24h] [--version-id V] [--dry-run]';

const OPTIONS = {
  mode: { type: 'string', short: 'm' },
  title: { type: 'string' },
  text: { type: 'string' },
  alt: { type: 'string' },
  'expires-in': { type: 'string' },
  'version-id': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

/**
 * The command line: one S3 object to one channel, by the same code as a put. Connections come from the environment:
 * SLACK_BOT_TOKEN, AWS_REGION, S3_BUCKET, S3_PREFIX, PRESIGNED_URL_EXPIRATION_HOURS, and AWS's own variables.
 */
export function s3ToSlack(argv: readonly string[]): (context: StepContext) => Promise<unknown> {
  return async (context) => {
    const { env } = context;
    for (const name of ['SLACK_BOT_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
      context.redactor.add(env[name] ?? '');
    const { values, positionals } = readArguments(argv);
    const [bucket, key, channel] =
      positionals.length === 2 ? [env['S3_BUCKET'], ...positionals] : positionals;
    if (values.mode === undefined || !bucket || !key || !channel || positionals.length > 3) {
      throw usage(
        bucket === undefined && positionals.length === 2
          ? 'BUCKET is missing, and S3_BUCKET is not set'
          : 'arguments are missing or too many',
      );
    }
    if (!env['SLACK_BOT_TOKEN']) throw usage('SLACK_BOT_TOKEN is not set');
    const artifact = {
      key,
      as: values.mode,
      title: values.title,
      alt: values.alt,
      expires_in: values['expires-in'] ?? hours(env['PRESIGNED_URL_EXPIRATION_HOURS']),
      version_id: values['version-id'],
    };
    const params = { channel, text: values.text, artifacts: [defined(artifact)], dry_run: values['dry-run'] };
    const put = await parsePut(sourceOf(env, bucket), defined(params), false);
    if (put.shape !== 'message') throw new Error('unreachable: no key here names another shape');
    return putMessage(put, readBuild(env), context);
  };
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw usage(messageOf(cause).split('. ')[0] ?? '');
  }
}

function sourceOf(env: NodeJS.ProcessEnv, bucket: string): unknown {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'] || undefined;
  const keys = env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY'];
  return defined({
    prefix: env['S3_PREFIX'] || undefined,
    // Set by hand by whoever runs the command, so another host than Slack's is meant.
    slack: defined({
      token: env['SLACK_BOT_TOKEN'],
      api_url: env['SLACK_API_URL'] || undefined,
      custom_api: env['SLACK_API_URL'] ? true : undefined,
    }),
    aws: defined({
      region: env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined,
      access_key_id: keys ? env['AWS_ACCESS_KEY_ID'] : undefined,
      secret_access_key: keys ? env['AWS_SECRET_ACCESS_KEY'] : undefined,
      session_token: keys ? env['AWS_SESSION_TOKEN'] || undefined : undefined,
      endpoint,
    }),
    s3: { bucket },
  });
}

function hours(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (/^[1-9]\d*$/.test(text)) return `${text}h`;
  throw usage('PRESIGNED_URL_EXPIRATION_HOURS must be a whole number of hours');
}

function defined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined));
}

function usage(problem: string): Fault {
  return new Fault('PARAMS_INVALID', problem, { hint: `usage: ${USAGE}` });
}
