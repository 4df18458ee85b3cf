import { isExpectedIdentity } from '../aws/expected-identity.ts';
import { freshCredentials } from '../aws/fresh-credentials.ts';
import { resolveIdentity } from '../aws/identity.ts';
import type { Credentials } from '../aws/sigv4.ts';
import type { Sts } from '../aws/sts.ts';
import type { GatewayCall } from '../gateway/call.ts';
import { openConnection } from '../gateway/connection.ts';
import type { GatewayConnection } from '../gateway/connection.ts';
import { failureOf, runAction } from '../gateway/run-action.ts';
import type { ActionOutcome } from '../gateway/run-action.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import type { AwsConfig, GatewayConfig } from './config/config.ts';
import type { Parts } from './parts.ts';

/** Makes the calls of actions, as the configured identity; who that is, is asked at the first call that is signed. */
export function gatewayCalls(
  gateway: GatewayConfig,
  parts: Parts,
): (call: GatewayCall, signal: AbortSignal) => Promise<ActionOutcome> {
  const { config, clock, env, log, redactor } = parts;
  const http = createHttp(env);
  const load = identityOf({ aws: config.aws, gateway }, parts);
  const credentials = freshCredentials(load, clock);
  return async (call, signal) => {
    let connection: GatewayConnection;
    try {
      connection = connectionOf(gateway);
    } catch (error) {
      // A header's secret was replaced by something that cannot be sent.
      if (error instanceof Fault) return failureOf(error, call, redactor);
      throw error;
    }
    return runAction({ call }, { connection, http, clock, log, redactor, credentials, signal });
  };
}

// Anew for each call: headers hold secrets that are rotated.
function connectionOf({ url, auth, region, apiId, headers, timeoutMs }: GatewayConfig): GatewayConnection {
  return openConnection({
    url,
    auth,
    region,
    apiId,
    timeoutSeconds: timeoutMs / 1000,
    headers: Object.fromEntries([...headers].map(([name, value]) => [name, value.reveal()])),
  });
}

/** Loads the credentials to sign with, and refuses those of anybody but `aws.expect_identity`. */
function identityOf(
  { aws, gateway }: { readonly aws: AwsConfig; readonly gateway: GatewayConfig },
  { env, log, redactor }: Parts,
): () => Promise<Credentials> {
  const region = aws.region ?? gateway.region ?? 'us-east-1';
  const sts = async (): Promise<Sts> => (await import('../aws/sts.ts')).createSts(region, aws.endpoint, env);
  const role = aws.roleArn === undefined ? undefined : { arn: aws.roleArn, externalId: aws.externalId };
  const sessionName = 'concourse-slack-aws-listener';
  return async () => {
    const found = await resolveIdentity(
      { region, ...(role && { role: { ...role, sessionName } }) },
      { log, redactor, sts },
    );
    if (aws.expectIdentity !== undefined) await expectIdentity(found, aws.expectIdentity, await sts());
    return found;
  };
}

async function expectIdentity(credentials: Credentials, expected: string, sts: Sts): Promise<void> {
  const hint = 'check aws.expect_identity, and where the listener gets its credentials from';
  const arn = await sts.whoIs(credentials).catch((cause: unknown) => {
    throw new Fault('AWS_IDENTITY', `STS did not say who signs: ${messageOf(cause)}`, { hint, cause });
  });
  if (!isExpectedIdentity(arn, expected))
    throw new Fault('AWS_IDENTITY', `nothing is signed as ${arn}, because ${expected} is expected`, { hint });
}
