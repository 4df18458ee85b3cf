import { formatDuration } from '../../kit/duration.ts';
import type { GatePolicy } from '../../approvals/policy.ts';
import { isRecord } from '../../kit/json.ts';
import type { Rate } from '../../kit/rate.ts';
import type { Config } from './config.ts';
import { below } from './places.ts';
import type { Resolved } from './resolve.ts';
import { isSecretPlace } from './secret-rules.ts';

/** The configuration in effect, defaults filled in, in the words of the file; of secrets only where they come from. */
export function showConfig(config: Config, resolved: Resolved): object {
  const written = isRecord(resolved.document) ? resolved.document : {};
  const masked = mask(written, '', resolved);
  const given = isRecord(masked) ? masked : {};
  const { server } = config;
  return {
    ...given,
    role: config.role,
    log: { level: config.logLevel },
    server: {
      host: server.host,
      port: server.port,
      ...(server.privatePort !== undefined && { private_port: server.privatePort }),
      ...(server.publicUrl !== undefined && { public_url: server.publicUrl }),
      trusted_proxies: server.trustedProxies,
      shutdown_delay: showMs(server.shutdownDelayMs),
      rate_limits: { token: showRate(server.rateLimits.token), remote: showRate(server.rateLimits.remote) },
    },
    store: storeOf(config),
    ...(config.slack && {
      slack: { ...inner(given, 'slack'), api_url: config.slack.apiUrl, mode: config.slack.mode },
    }),
    ...(config.tokens.length > 0 && {
      tokens: config.tokens.map(({ maxOpen }, at) => ({ ...item(given['tokens'], at), max_open: maxOpen })),
    }),
    ...(config.gates.size > 0 && {
      gates: Object.fromEntries([...config.gates].map(([name, policy]) => [name, showGate(policy)])),
    }),
    ...(config.gateway && {
      gateway: {
        ...inner(given, 'gateway'),
        ...(config.gateway.region !== undefined && { region: config.gateway.region }),
        auth: config.gateway.auth,
        timeout: showMs(config.gateway.timeoutMs),
      },
    }),
    ...(config.actions.size > 0 && {
      actions: Object.fromEntries(
        [...config.actions].map(([name, action]) => [
          name,
          {
            ...inner(inner(given, 'actions'), name),
            once: action.once,
            max_age: showMs(action.maxAgeMs),
          },
        ]),
      ),
    }),
  };
}

function inner(tree: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = tree[key];
  return isRecord(value) ? value : {};
}

function item(list: unknown, at: number): Readonly<Record<string, unknown>> {
  const value: unknown = Array.isArray(list) ? list[at] : undefined;
  return isRecord(value) ? value : {};
}

function mask(value: unknown, pointer: string, resolved: Resolved): unknown {
  if (typeof value === 'string' && isSecretPlace(pointer, resolved.referred.has(pointer))) {
    const from = resolved.referred.get(pointer)?.reference;
    if (from === undefined) return '*** (in the file)';
    return from.kind === 'env' ? `*** (\${${from.name}})` : `*** (\${${from.kind}:${from.name}})`;
  }
  if (Array.isArray(value)) return value.map((item, at) => mask(item, below(pointer, at), resolved));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mask(child, below(pointer, key), resolved)]),
  );
}

function storeOf({ store }: Config): object {
  if (store.kind === 'sqlite') return { sqlite: store.path };
  const { requests, projects } = store;
  return { dynamodb: { requests, ...(projects !== undefined && { projects }) } };
}

function showGate(policy: GatePolicy): object {
  return {
    approvers: policy.approvers,
    quorum: policy.quorum,
    deny_quorum: policy.denyQuorum,
    allow_self: policy.allowSelf,
    max_timeout: showMs(policy.maxTimeoutMs),
    on_timeout: policy.onTimeout,
    valid_for: showMs(policy.validForMs),
    use: policy.use,
    channels: policy.channels,
    from: policy.from,
    require_reason: policy.requireReason,
    unknown_requester: policy.unknownRequester,
    max_open: policy.maxOpen,
    ...(policy.remindEveryMs !== undefined && { remind_every: showMs(policy.remindEveryMs) }),
  };
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

function showMs(ms: number): string {
  return formatDuration(Math.round(ms / 1000));
}

function showRate({ count, perMs }: Rate): string {
  const unit = UNITS.find(([, seconds]) => seconds * 1000 === perMs)?.[0] ?? 's';
  return `${count}/${unit}`;
}
