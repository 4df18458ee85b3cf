import { validate } from '../../generated/source.js';
import { LONGEST_PRESIGN_SECONDS } from '../aws/limits.ts';
import { connectionProblem } from '../gateway/config.ts';
import type { GatewayConfig } from '../gateway/config.ts';
import { regionOfHost } from '../gateway/region.ts';
import { parseDuration } from '../kit/duration.ts';
import { isRecord } from '../kit/json.ts';
import { Secret } from '../kit/secret.ts';
import { parseSize } from '../kit/size.ts';
import { withoutNulls } from './nulls.ts';
import { schemaProblems } from './problems.ts';
import type { Problem } from './problems.ts';
import type { EMITTED, Source as RawSource } from './schema.ts';

/** A source that has passed every check: secrets wrapped, durations in seconds, sizes in bytes, defaults filled in. */
export interface Source {
  readonly channel: string | undefined;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  readonly gate: string | undefined;
  /** What check reports of the gate. */
  readonly emit: readonly (typeof EMITTED)[number][];
  readonly slack: { readonly token: Secret; readonly apiUrl: string } | undefined;
  readonly aws: AwsSource;
  readonly s3: S3Source | undefined;
  readonly gateway: GatewaySource | undefined;
  readonly listener: { readonly url: string; readonly token: Secret } | undefined;
}

/** Headers of a connection may be keys of an API. */
export type GatewaySource = Omit<GatewayConfig, 'headers'> & {
  readonly headers: Readonly<Record<string, Secret>>;
};

export interface AwsSource {
  readonly region: string | undefined;
  readonly keys:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: Secret;
        readonly sessionToken: Secret | undefined;
      }
    | undefined;
  readonly role:
    | {
        readonly arn: string;
        readonly externalId: string | undefined;
        readonly sessionName: string | undefined;
      }
    | undefined;
  readonly endpoint: string | undefined;
}

export interface S3Source {
  readonly bucket: string;
  readonly expiresInSeconds: number;
  readonly publicEndpoint: string | undefined;
  readonly pathStyle: boolean;
  readonly maxBytes: number;
  readonly allowedTypes: readonly string[] | undefined;
}

const SLACK_API = 'https://slack.com/api/';
const DAY = 86_400;
const GIB = 1024 ** 3;
/** What is sent as it is and never holds a blank; a secret store easily adds a line break. */
const OPAQUE_WORDS = [
  ['slack', 'token'],
  ['aws', 'access_key_id'],
  ['aws', 'secret_access_key'],
  ['aws', 'session_token'],
  ['aws', 'role_arn'],
  ['s3', 'bucket'],
  ['listener', 'token'],
] as const;

/** Reads `source`, or tells everything that is wrong with it at once. `null` equals absent, the whole source too. */
export async function parseSource(given: unknown): Promise<{ source: Source } | { problems: Problem[] }> {
  const value = withoutNulls(given ?? {});
  const problems = await schemaProblems('source', 'source', validate, value);
  const raw: RawSource = isRecord(value) ? value : {};
  problems.push(...crossProblems(raw, new Set(problems.map(({ path }) => path))));
  return problems.length > 0 ? { problems } : { source: refine(raw) };
}

function refine(raw: RawSource): Source {
  const { slack, aws = {}, s3, listener } = raw;
  return {
    channel: raw.channel,
    prefix: raw.prefix === undefined || raw.prefix.endsWith('/') ? (raw.prefix ?? '') : `${raw.prefix}/`,
    gate: raw.gate,
    emit: raw.emit ?? ['approved'],
    slack: slack && { token: new Secret(slack.token), apiUrl: withSlash(slack.api_url ?? SLACK_API) },
    aws: {
      region: aws.region,
      keys:
        aws.access_key_id && aws.secret_access_key
          ? {
              accessKeyId: aws.access_key_id,
              secretAccessKey: new Secret(aws.secret_access_key),
              sessionToken: aws.session_token ? new Secret(aws.session_token) : undefined,
            }
          : undefined,
      role: aws.role_arn
        ? { arn: aws.role_arn, externalId: aws.external_id, sessionName: aws.session_name }
        : undefined,
      endpoint: aws.endpoint,
    },
    s3: s3 && {
      bucket: s3.bucket,
      expiresInSeconds: parseDuration(s3.expires_in ?? '') ?? DAY,
      publicEndpoint: s3.public_endpoint,
      pathStyle: s3.path_style ?? false,
      maxBytes: s3.max_size === undefined ? GIB : (parseSize(s3.max_size) ?? GIB),
      allowedTypes: s3.allowed_types,
    },
    gateway: raw.gateway && withSecrets(gatewayOf(raw.gateway, aws.region)),
    listener: listener && { url: listener.url, token: new Secret(listener.token) },
  };
}

// The host of an API tells its region better than anything else.
function gatewayOf(raw: NonNullable<RawSource['gateway']>, awsRegion: string | undefined): GatewayConfig {
  const host = URL.canParse(raw.url) ? new URL(raw.url).host : '';
  return {
    url: raw.url,
    region: raw.region ?? regionOfHost(host) ?? awsRegion,
    auth: raw.auth,
    apiId: raw.api_id,
    headers: raw.headers,
    timeoutSeconds: raw.timeout === undefined ? undefined : parseDuration(raw.timeout),
  };
}

function withSecrets({ headers = {}, ...config }: GatewayConfig): GatewaySource {
  const wrapped = Object.entries(headers).map(([name, value]) => [name, new Secret(value)]);
  return { ...config, headers: Object.fromEntries(wrapped) };
}

// What a schema cannot say: forms with a parser of their own, and keys that need each other. A place that the schema has
// already complained about is left alone.
function crossProblems(raw: RawSource, told: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  const check = (path: string, wrong: boolean, message: string) => {
    if (wrong && !told.has(path)) problems.push({ path, message });
  };
  const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
  const aws = record(raw.aws);
  const s3 = record(raw.s3);
  const slack = record(raw.slack);
  const has = (block: Record<string, unknown>, key: string) => block[key] !== undefined;

  check(
    'source.aws.secret_access_key',
    has(aws, 'access_key_id') && !has(aws, 'secret_access_key'),
    'required with access_key_id',
  );
  check(
    'source.aws.access_key_id',
    has(aws, 'secret_access_key') && !has(aws, 'access_key_id'),
    'required with secret_access_key',
  );
  check(
    'source.aws.session_token',
    has(aws, 'session_token') && !has(aws, 'access_key_id'),
    'needs access_key_id and secret_access_key',
  );
  for (const [block, key] of OPAQUE_WORDS) {
    const word = record(raw[block])[key];
    check(
      `source.${block}.${key}`,
      typeof word === 'string' && !/^[!-~]+$/.test(word),
      'holds a line break, a blank or another character that no such value has: see how it was stored',
    );
  }
  const { region } = aws;
  check(
    'source.aws.region',
    typeof region === 'string' && !/^[\w-]+$/.test(region),
    'must be the name of a region, such as eu-west-1',
  );
  for (const key of ['external_id', 'session_name']) {
    check(`source.aws.${key}`, has(aws, key) && !has(aws, 'role_arn'), 'needs role_arn');
  }
  const sessionName = aws['session_name'];
  check(
    'source.aws.session_name',
    typeof sessionName === 'string' && !/^[\w+=,.@-]{2,64}$/.test(sessionName),
    'must be 2 to 64 letters, digits or +=,.@-',
  );
  check(
    'source.s3.expires_in',
    !fits(s3['expires_in'], parseDuration),
    'must be a duration such as 90s, 15m, 2h, 1d or PT2H',
  );
  const expires = typeof s3['expires_in'] === 'string' ? parseDuration(s3['expires_in']) : undefined;
  check(
    'source.s3.expires_in',
    (expires ?? 0) > LONGEST_PRESIGN_SECONDS,
    'must be at most 7d, the longest life of a presigned link',
  );
  check(
    'source.s3.max_size',
    !fits(s3['max_size'], parseSize),
    'must be a size such as 10MB, 1GB or a number of bytes',
  );
  check(
    'source.prefix',
    typeof raw.prefix === 'string' && /^\/|(?:^|\/)\.\.?(?:\/|$)/.test(raw.prefix),
    'must be a relative folder of the bucket, such as slack-content/',
  );
  const gateway = record(raw.gateway);
  check('source.gateway.timeout', !fits(gateway['timeout'], parseDuration), 'must be a duration such as 29s');
  for (const [block, key] of [
    ['aws', 'endpoint'],
    ['s3', 'public_endpoint'],
    ['slack', 'api_url'],
    ['gateway', 'url'],
    ['listener', 'url'],
  ] as const) {
    const url = record(raw[block])[key];
    check(
      `source.${block}.${key}`,
      typeof url === 'string' && !isHttpUrl(url),
      'must be an http or https address without user name, query or fragment',
    );
  }
  if (isGateway(raw.gateway)) {
    // Whether a region is needed, the put that calls knows.
    const problem = connectionProblem({ ...gatewayOf(raw.gateway, 'any') });
    if (problem) check(`source.gateway.${problem.key}`, true, problem.message);
  }
  const api = slack['api_url'];
  check(
    'source.slack.api_url',
    typeof api === 'string' && isHttpUrl(api) && new URL(api).hostname === 'hooks.slack.com',
    'is an incoming webhook, which can do too little: remove it and set token to the bot token of an app',
  );
  check(
    'source.slack.api_url',
    typeof api === 'string' && isHttpUrl(api) && !isSlackOrLoopback(api) && slack['custom_api'] !== true,
    "is not Slack's: the token would go there; set custom_api: true if that is meant",
  );
  const listenerUrl = record(raw.listener)['url'];
  check(
    'source.listener.url',
    typeof listenerUrl === 'string' && listenerUrl.startsWith('http:') && !isLoopback(listenerUrl),
    'must be https: the listener token travels there',
  );
  return problems;
}

// One whose form is right so far: what the schema has complained about is left alone.
function isGateway(value: unknown): value is NonNullable<RawSource['gateway']> {
  if (!isRecord(value)) return false;
  const { url, region, api_id: apiId, headers = {}, timeout } = value;
  return (
    typeof url === 'string' &&
    isHttpUrl(url) &&
    [region, apiId, timeout].every((one) => one === undefined || typeof one === 'string') &&
    isRecord(headers) &&
    Object.values(headers).every((one) => typeof one === 'string')
  );
}

function fits(value: unknown, parse: (text: string) => unknown): boolean {
  return (
    value === undefined ||
    (typeof value !== 'string' && typeof value !== 'number') ||
    parse(String(value)) !== undefined
  );
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
}

function isLoopback(text: string): boolean {
  return URL.canParse(text) && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(text).hostname);
}

function isSlackOrLoopback(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return (
    isLoopback(text) ||
    (protocol === 'https:' && (hostname === 'slack.com' || hostname.endsWith('.slack.com')))
  );
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
