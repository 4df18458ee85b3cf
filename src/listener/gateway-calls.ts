import { freshCredentials } from '../aws/fresh-credentials.ts';
import { resolveIdentity } from '../aws/identity.ts';
import type { GatewayCall } from '../gateway/call.ts';
import { openConnection } from '../gateway/connection.ts';
import { runAction } from '../gateway/run-action.ts';
import type { ActionOutcome } from '../gateway/run-action.ts';
import { createHttp } from '../kit/http.ts';
import type { GatewayConfig } from './config/config.ts';
import type { Parts } from './parts.ts';

/** Makes the calls of actions, as the configured identity; who that is, is asked at the first call that is signed. */
export function gatewayCalls(
  gateway: GatewayConfig,
  parts: Parts,
): (call: GatewayCall, signal: AbortSignal) => Promise<ActionOutcome> {
  const { config, clock, env, log, redactor } = parts;
  const { aws } = config;
  const http = createHttp(env);
  const connect = () =>
    openConnection(
      {
        url: gateway.url,
        auth: gateway.auth,
        region: gateway.region,
        timeoutSeconds: gateway.timeoutMs / 1000,
        headers: Object.fromEntries([...gateway.headers].map(([name, value]) => [name, value.reveal()])),
      },
      aws.region,
    );
  const { region = aws.region ?? 'us-east-1' } = connect();
  const role =
    aws.roleArn === undefined
      ? undefined
      : { arn: aws.roleArn, externalId: aws.externalId, sessionName: 'concourse-slack-aws-listener' };
  const sts = async () => (await import('../aws/sts.ts')).createSts(region, aws.endpoint, env);
  const credentials = freshCredentials(
    () => resolveIdentity({ region, ...(role && { role }) }, { log, redactor, sts }),
    clock,
  );
  return (call, signal) =>
    runAction({ call }, { connection: connect(), http, clock, log, credentials, signal });
}
