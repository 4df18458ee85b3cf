import type { GatePolicy } from '../../approvals/policy.ts';
import { regionOfHost } from '../../gateway/region.ts';
import { parseDuration } from '../../kit/duration.ts';
import { compileGlobs } from '../../kit/glob.ts';
import { LiveSecret } from '../../kit/live-secret.ts';
import { parseRate } from '../../kit/rate.ts';
import type { Rate } from '../../kit/rate.ts';
import type {
  ActionConfig,
  Config,
  GatewayConfig,
  ManifestConfig,
  ManifestPlace,
  ServerConfig,
  SlackConfig,
  StoreConfig,
  TokenConfig,
} from './config.ts';
import { liveHash } from './live-hash.ts';
import { below } from './places.ts';
import type { Referred } from './resolve.ts';
import type { ListenerFile } from './schema.ts';
import { compileValueSchema } from './value-schema.ts';

type Section<K extends keyof ListenerFile> = NonNullable<ListenerFile[K]>;
type SecretAt = (pointer: string, value: string) => LiveSecret;

/** Turns a document that has passed every check into what the listener works with. */
export function refine(file: ListenerFile, referred: ReadonlyMap<string, Referred>): Config {
  const secretAt: SecretAt = (pointer, value) => {
    const origin = referred.get(pointer)?.origin;
    return origin
      ? new LiveSecret(
          () => origin.read(),
          () => origin.renew(),
        )
      : new LiveSecret(() => value);
  };
  const { aws = {}, concourse, audit } = file;
  return {
    role: file.role ?? 'all',
    logLevel: file.log?.level ?? 'info',
    server: serverOf(file.server ?? {}),
    store: storeOf(file.store ?? {}),
    slack: file.slack && slackOf(file.slack, secretAt),
    tokens: (file.tokens ?? []).map((token, at) => tokenOf(token, `/tokens/${at}/token`, secretAt)),
    gates: new Map(Object.entries(file.gates ?? {}).map(([name, gate]) => [name, policyOf(gate)])),
    people: new Map(Object.entries(file.people ?? {}).map(([name, user]) => [name.toLowerCase(), user])),
    aws: {
      region: aws.region,
      roleArn: aws.role_arn,
      externalId: aws.external_id,
      endpoint: aws.endpoint,
      expectIdentity: aws.expect_identity,
    },
    gateway: file.gateway && gatewayOf(file.gateway, aws.region, secretAt),
    actions: new Map(
      Object.entries(file.actions ?? {}).map(([name, action]) => [name, actionOf(name, action)]),
    ),
    concourse: concourse && {
      url: withoutSlash(concourse.url),
      webhooks: concourse.webhooks.map((webhook, at) => ({
        ...webhook,
        vars: webhook.vars ?? {},
        token: secretAt(`/concourse/webhooks/${at}/token`, webhook.token),
      })),
    },
    auditKey: audit && secretAt('/audit/key', audit.key),
    manifest: manifestOf(audit?.manifest),
  };
}

function serverOf(server: Section<'server'>): ServerConfig {
  return {
    host: server.host ?? '0.0.0.0',
    port: server.port ?? 8080,
    privatePort: server.private_port,
    publicUrl: server.public_url === undefined ? undefined : withoutSlash(server.public_url),
    trustedProxies: server.trusted_proxies ?? [],
    shutdownDelayMs: msOf(server.shutdown_delay, '5s'),
    rateLimits: {
      token: rateOf(server.rate_limits?.token, '3000/m'),
      remote: rateOf(server.rate_limits?.remote, '600/m'),
    },
  };
}

function manifestOf(manifest: Section<'audit'>['manifest']): ManifestConfig | undefined {
  const { file, bucket = '', prefix = '', every } = manifest ?? {};
  const to: ManifestPlace =
    file === undefined ? { kind: 's3', bucket, prefix } : { kind: 'file', path: file };
  return manifest && { everyMs: msOf(every, '1h'), to };
}

function storeOf({ sqlite, dynamodb }: Section<'store'>): StoreConfig {
  if (dynamodb) return { kind: 'dynamodb', requests: dynamodb.requests, projects: dynamodb.projects };
  return { kind: 'sqlite', path: sqlite ?? './listener.db' };
}

function slackOf(slack: Section<'slack'>, secretAt: SecretAt): SlackConfig {
  const { pipeline_app: app } = slack;
  return {
    botToken: secretAt('/slack/bot_token', slack.bot_token),
    signingSecrets: several('/slack/signing_secret', slack.signing_secret, secretAt),
    appToken: slack.app_token === undefined ? undefined : secretAt('/slack/app_token', slack.app_token),
    teamId: slack.team_id,
    enterpriseId: slack.enterprise_id,
    apiUrl: `${withoutSlash(slack.api_url ?? 'https://slack.com/api')}/`,
    mode: slack.mode ?? 'http',
    pipelineApp: app && {
      appId: app.app_id,
      signingSecrets: several('/slack/pipeline_app/signing_secret', app.signing_secret, secretAt),
    },
  };
}

function several(
  pointer: string,
  given: string | readonly string[] | undefined,
  secretAt: SecretAt,
): LiveSecret[] {
  if (given === undefined) return [];
  return typeof given === 'string'
    ? [secretAt(pointer, given)]
    : given.map((value, at) => secretAt(below(pointer, at), value));
}

function tokenOf(token: Section<'tokens'>[number], pointer: string, secretAt: SecretAt): TokenConfig {
  const hashes = several(pointer, token.token, secretAt).map(liveHash);
  return {
    name: token.name,
    hashes: () => hashes.map((hash) => hash()),
    may: new Set(token.may),
    gates: compileGlobs(token.gates ?? []),
    actions: new Set(token.actions),
    prefixes: token.prefixes ?? [],
    maxOpen: token.max_open ?? 20,
  };
}

function policyOf(gate: Section<'gates'>[string]): GatePolicy {
  return {
    approvers: typeof gate.approvers === 'string' ? 'from_pipeline' : [...new Set(gate.approvers)],
    quorum: gate.quorum ?? 1,
    denyQuorum: gate.deny_quorum ?? 1,
    allowSelf: gate.allow_self ?? false,
    maxTimeoutMs: msOf(gate.max_timeout, '8h'),
    onTimeout: gate.on_timeout ?? 'deny',
    validForMs: msOf(gate.valid_for, '24h'),
    use: gate.use ?? 'once',
    channels: gate.channels ?? [],
    from: gate.from ?? [],
    requireReason: gate.require_reason ?? 'deny',
    unknownRequester: gate.unknown_requester ?? 'raise',
    maxOpen: gate.max_open ?? 50,
    remindEveryMs: gate.remind_every === undefined ? undefined : msOf(gate.remind_every, ''),
  };
}

function gatewayOf(
  gateway: Section<'gateway'>,
  region: string | undefined,
  secretAt: SecretAt,
): GatewayConfig {
  return {
    url: gateway.url,
    region: gateway.region ?? regionOfHost(new URL(gateway.url).host) ?? region,
    auth: gateway.auth ?? 'iam',
    apiId: gateway.api_id,
    headers: new Map(
      Object.entries(gateway.headers ?? {}).map(([name, value]) => [
        name,
        secretAt(below('/gateway/headers', name), value),
      ]),
    ),
    timeoutMs: msOf(gateway.timeout, '29s'),
  };
}

function actionOf(name: string, action: Section<'actions'>[string]): ActionConfig {
  const { call } = action;
  const compiled = compileValueSchema(action.value);
  return {
    name,
    allow: action.allow,
    channels: action.channels ?? [],
    problemsOf: 'problemsOf' in compiled ? compiled.problemsOf : () => [compiled.mistake],
    confirm: action.confirm,
    once: action.once ?? true,
    maxAgeMs: msOf(action.max_age, '1d'),
    rate: action.rate === undefined ? undefined : parseRate(action.rate),
    call: {
      ...call,
      method: call.method ?? 'POST',
      timeoutSeconds: call.timeout === undefined ? undefined : msOf(call.timeout, '') / 1000,
    },
  };
}

function msOf(given: string | undefined, otherwise: string): number {
  const seconds = parseDuration(given ?? otherwise);
  if (seconds === undefined) throw new Error('unreachable: the schema asks for a duration');
  return seconds * 1000;
}

function rateOf(given: string | undefined, otherwise: string): Rate {
  const rate = parseRate(given ?? otherwise);
  if (rate === undefined) throw new Error('unreachable: the schema asks for a rate');
  return rate;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
