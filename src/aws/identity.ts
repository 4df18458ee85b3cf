import { Fault, messageOf } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import type { Redactor } from '../kit/redact.ts';
import type { Secret } from '../kit/secret.ts';
import type { Credentials } from './sigv4.ts';
import type { Sts } from './sts.ts';

/** What `source.aws` says about who we are. Nothing given means the SDK's default chain. */
export interface IdentityConfig {
  readonly region: string;
  readonly keys?:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: Secret;
        readonly sessionToken?: Secret | undefined;
      }
    | undefined;
  readonly role?:
    | { readonly arn: string; readonly externalId?: string | undefined; readonly sessionName: string }
    | undefined;
  readonly webIdentityToken?: Secret | undefined;
  readonly endpoint?: string | undefined;
}

export interface IdentityPorts {
  readonly log: Log;
  readonly redactor: Redactor;
  /** Loaded only when a role or the default chain needs it. */
  readonly sts: () => Promise<Sts>;
}

/**
 * The credentials to sign with, named once on stderr. A configured identity that fails is an error: there is no fallback
 * to another, possibly broader one (C21). `wantSeconds` asks a role session to live that long where the role allows it.
 */
export async function resolveIdentity(
  config: IdentityConfig,
  ports: IdentityPorts,
  wantSeconds = 3600,
): Promise<Credentials> {
  const { credentials, name } = await pick(config, ports, wantSeconds);
  ports.redactor.add(credentials.secretAccessKey);
  if (credentials.sessionToken) ports.redactor.add(credentials.sessionToken);
  const until = credentials.expiresAt
    ? `, until ${new Date(credentials.expiresAt).toISOString().slice(0, 16)}Z`
    : '';
  ports.log.info(`AWS identity: ${name}${until}`);
  return credentials;
}

interface Named {
  readonly credentials: Credentials;
  readonly name: string;
}

async function pick(config: IdentityConfig, ports: IdentityPorts, wantSeconds: number): Promise<Named> {
  const { keys, role, webIdentityToken } = config;
  if (!role) return keys ? fromKeys(keys) : fromDefaultChain(ports);
  const given = { ...role, wantSeconds };
  const credentials = await refusing(`could not assume role ${role.arn}`, roleHint(config), async () => {
    const sts = await ports.sts();
    if (webIdentityToken) return sts.assumeRoleWithWebIdentity(given, webIdentityToken.reveal());
    // Their name is printed nowhere: the role's is.
    const base = keys ? fromKeys(keys).credentials : (await sts.defaultChain(false)).credentials;
    return sts.assumeRole(given, base);
  });
  return { credentials, name: `role ${role.arn}, session ${role.sessionName}` };
}

function fromKeys(keys: NonNullable<IdentityConfig['keys']>): Named {
  const credentials: Credentials = {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey.reveal(),
    sessionToken: keys.sessionToken?.reveal(),
  };
  return { credentials, name: `access key …${keys.accessKeyId.slice(-4)}` };
}

async function fromDefaultChain(ports: IdentityPorts): Promise<Named> {
  return refusing(
    'no AWS credentials',
    'set source.aws.access_key_id and secret_access_key, or source.aws.role_arn with params.aws.web_identity_token; the worker offers none of its own',
    async () => {
      const { credentials, arn } = await (await ports.sts()).defaultChain();
      return {
        credentials,
        name: `${arn ?? `access key …${credentials.accessKeyId.slice(-4)}`} of the default chain`,
      };
    },
  );
}

function roleHint(config: IdentityConfig): string {
  if (config.webIdentityToken) {
    return "check the role's trust policy: the token's issuer as OIDC provider, its aud and sub; a token lives an hour, or as long as expires_in of the var source says";
  }
  return config.keys
    ? "check the role's trust policy, source.aws.external_id, and that source.aws's keys may call sts:AssumeRole on it"
    : "check the role's trust policy and source.aws.external_id; the caller is the worker's default identity";
}

async function refusing<T>(what: string, hint: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('AWS_IDENTITY', `${what}: ${reasonOf(cause)}`, { hint, cause });
  }
}

// STS's codes say it all, and its messages name accounts; the chain's own errors say it in their message only.
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error) || /^(?:Error|CredentialsProviderError)$/.test(cause.name))
    return messageOf(cause);
  const metadata = '$metadata' in cause && isRecord(cause.$metadata) ? cause.$metadata : {};
  return cause.name === 'Unknown' ? `HTTP ${String(metadata['httpStatusCode'])}` : cause.name;
}
