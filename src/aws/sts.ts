import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import type { Credentials as StsCredentials } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { makeAgent } from '../kit/http.ts';
import type { Credentials } from './sigv4.ts';

export interface RoleSession {
  readonly arn: string;
  readonly externalId?: string | undefined;
  readonly sessionName: string;
  /** How long the session is wished to live; an hour where the role does not allow it. */
  readonly wantSeconds: number;
}

/** Where credentials come from beyond plain keys. The only module of the resource that loads the AWS SDK. */
export interface Sts {
  assumeRole(role: RoleSession, base: Credentials): Promise<Credentials>;
  assumeRoleWithWebIdentity(role: RoleSession, token: string): Promise<Credentials>;
  /** With the name of who that is, unless `named` is false: asking for it costs a call. */
  defaultChain(named?: boolean): Promise<{ credentials: Credentials; arn: string | undefined }>;
  /** Who signs with these credentials. Needs no permission; rejects when STS does not say. */
  whoIs(credentials: Credentials): Promise<string>;
}

const HOUR = 3600;
const LONGEST_SESSION = 43_200;

/** Talks to STS in `region`, or to `endpoint`, through the process's proxy and CAs. */
export async function createSts(
  region: string,
  endpoint: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Sts> {
  const { origin, protocol } = new URL(endpoint ?? (env['AWS_ENDPOINT_URL_STS'] || stsAddress(region)));
  const agent = await makeAgent(origin, true, env);
  const shared = {
    region,
    ...(endpoint && { endpoint }),
    maxAttempts: 3,
    requestHandler: {
      [protocol === 'https:' ? 'httpsAgent' : 'httpAgent']: agent,
      requestTimeout: 15_000,
      throwOnRequestTimeout: true,
      connectionTimeout: 10_000,
    },
  };
  const client = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials) =>
    new STSClient({
      ...shared,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    });

  return {
    assumeRole: (role, base) =>
      longestAllowed(role, async (DurationSeconds) => {
        const answer = await client(base).send(
          new AssumeRoleCommand({
            RoleArn: role.arn,
            RoleSessionName: role.sessionName,
            DurationSeconds,
            ...(role.externalId && { ExternalId: role.externalId }),
          }),
        );
        return parse(answer.Credentials);
      }),
    assumeRoleWithWebIdentity: (role, token) =>
      longestAllowed(role, async (DurationSeconds) => {
        const anonymous = new STSClient({
          ...shared,
          credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
        });
        const answer = await anonymous.send(
          new AssumeRoleWithWebIdentityCommand({
            RoleArn: role.arn,
            RoleSessionName: role.sessionName,
            WebIdentityToken: token,
            DurationSeconds,
          }),
        );
        return parse(answer.Credentials);
      }),
    defaultChain: async (named = true) => {
      const found = await fromNodeProviderChain({ clientConfig: shared })();
      const credentials: Credentials = {
        accessKeyId: found.accessKeyId,
        secretAccessKey: found.secretAccessKey,
        sessionToken: found.sessionToken,
        expiresAt: found.expiration?.getTime(),
      };
      return { credentials, arn: named ? await callerArn(client(credentials)) : undefined };
    },
    async whoIs(credentials) {
      const { Arn: arn } = await client(credentials).send(new GetCallerIdentityCommand({}));
      if (arn === undefined) throw new Error('STS answered without a name');
      return arn;
    },
  };
}

function stsAddress(region: string): string {
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

// A role's own maximum is not readable without IAM rights, and a chained role may not exceed an hour: ask, then settle.
// S3-compatible servers refuse in the XML of S3, which the SDK calls Unknown.
async function longestAllowed(
  role: RoleSession,
  assume: (seconds: number) => Promise<Credentials>,
): Promise<Credentials> {
  const wanted = Math.min(Math.max(role.wantSeconds, HOUR), LONGEST_SESSION);
  if (wanted === HOUR) return assume(HOUR);
  try {
    return await assume(wanted);
  } catch (error) {
    if (error instanceof Error && /ValidationError|AccessDenied|Unknown/.test(error.name))
      return assume(HOUR);
    throw error;
  }
}

// Naming the identity is a courtesy to the reader; a principal that may not ask is named by its key.
async function callerArn(client: STSClient): Promise<string | undefined> {
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn;
  } catch {
    return undefined;
  }
}

function parse(given: StsCredentials | undefined): Credentials {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken) {
    throw new Error('STS answered without credentials');
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
    expiresAt: given.Expiration?.getTime(),
  };
}
