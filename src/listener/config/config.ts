import type { GatePolicy } from '../../approvals/policy.ts';
import type { CallTemplate } from '../../gateway/call.ts';
import type { Glob } from '../../kit/glob.ts';
import type { LiveSecret } from '../../kit/live-secret.ts';
import type { Rate } from '../../kit/rate.ts';

/** The configuration file after every check: secrets live, durations in milliseconds, patterns compiled, defaults filled in. */
export interface Config {
  readonly server: ServerConfig;
  readonly store: StoreConfig;
  /** Absent: no clicks, no cards. */
  readonly slack: SlackConfig | undefined;
  readonly tokens: readonly TokenConfig[];
  /** By name, as written: exact names and patterns such as `main/*`; `gateOf` finds the one that counts. */
  readonly gates: ReadonlyMap<string, GatePolicy>;
  /** Concourse or git name in lower case → Slack user id. */
  readonly people: ReadonlyMap<string, string>;
  readonly aws: AwsConfig;
  readonly gateway: GatewayConfig | undefined;
  readonly actions: ReadonlyMap<string, ActionConfig>;
  readonly concourse: ConcourseConfig | undefined;
  /** Key of the audit chain; at least 32 characters. Absent: kept beside the store, and check-config says what that gives up. */
  readonly auditKey: LiveSecret | undefined;
  /** Absent: whoever deletes a record with its history leaves no trace, and check-config says so. */
  readonly manifest: ManifestConfig | undefined;
  readonly logLevel: LogLevel;
  readonly role: Role;
}

/** Where the ends of the audit chains are written, and how often. */
export interface ManifestConfig {
  readonly everyMs: number;
  readonly to: ManifestPlace;
}

export type ManifestPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

export type Role = 'all' | 'intake' | 'worker';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ServerConfig {
  readonly host: string;
  /** 0: any free port, told in the log. */
  readonly port: number;
  readonly privatePort: number | undefined;
  /** Without a slash at its end. */
  readonly publicUrl: string | undefined;
  /** Addresses and networks whose `x-forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Between "not ready" and the end of accepting: the time a load balancer needs to notice. */
  readonly shutdownDelayMs: number;
  readonly rateLimits: { readonly token: Rate; readonly remote: Rate };
}

export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'dynamodb'; readonly requests: string; readonly projects: string | undefined };

export interface SlackConfig {
  readonly botToken: LiveSecret;
  /** Any of them may have signed; empty in socket mode alone. */
  readonly signingSecrets: readonly LiveSecret[];
  /** Present when `mode` is socket or both. */
  readonly appToken: LiveSecret | undefined;
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  /** Ends in a slash. */
  readonly apiUrl: string;
  readonly mode: 'http' | 'socket' | 'both';
  /** The app whose token pipelines hold: from it only `actions` are accepted. */
  readonly pipelineApp:
    | { readonly appId: string; readonly signingSecrets: readonly LiveSecret[] }
    | undefined;
}

export const MAY = ['open', 'read', 'read_all', 'claim', 'link', 'graph'] as const;
export type May = (typeof MAY)[number];

export interface TokenConfig {
  readonly name: string;
  /** SHA-256 of the token as it is now; several while it is being rotated. The token itself is not kept. */
  readonly hashes: () => readonly Buffer[];
  readonly may: ReadonlySet<May>;
  readonly gates: Glob;
  /** Actions that buttons signed with this token may name. */
  readonly actions: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  /** How many requests for approval it may have open at once. */
  readonly maxOpen: number;
}

export interface AwsConfig {
  readonly region: string | undefined;
  readonly roleArn: string | undefined;
  readonly externalId: string | undefined;
  readonly endpoint: string | undefined;
  /** ARN or account the process must turn out to be. */
  readonly expectIdentity: string | undefined;
}

export interface GatewayConfig {
  readonly url: string;
  /** The one given, else the one that the host names, else that of `aws`. */
  readonly region: string | undefined;
  readonly auth: 'iam' | 'none';
  /** Of a private API that is reached by the name of its VPC endpoint. */
  readonly apiId: string | undefined;
  readonly headers: ReadonlyMap<string, LiveSecret>;
  readonly timeoutMs: number;
}

/** What a button may run. */
export interface ActionConfig {
  readonly name: string;
  /** Users, user groups and e-mail addresses; never empty. */
  readonly allow: readonly string[];
  /** Channel ids; empty: any. */
  readonly channels: readonly string[];
  /** What is wrong with a button's value by the schema of the action: nothing when it is right. */
  readonly problemsOf: (value: unknown) => readonly string[];
  /** Template of the dialog's text, such as `Deploy {{value.deployment}}?` */
  readonly confirm: string | undefined;
  readonly once: boolean;
  readonly maxAgeMs: number;
  /** Runs of this action by all users together. */
  readonly rate: Rate | undefined;
  readonly call: CallTemplate;
}

export interface ConcourseConfig {
  readonly url: string;
  readonly webhooks: readonly WebhookConfig[];
}

/** The check webhook of a gate resource, poked when its gate has decided. */
export interface WebhookConfig {
  readonly gate: string;
  readonly team: string;
  readonly pipeline: string;
  readonly resource: string;
  /** Of an instanced pipeline. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly token: LiveSecret;
}
