import { freshCredentials } from '../aws/fresh-credentials.ts';
import type { GatewayCall } from '../gateway/call.ts';
import { openConnection } from '../gateway/connection.ts';
import type { GatewayConnection } from '../gateway/connection.ts';
import { failureOf, runAction } from '../gateway/run-action.ts';
import type { ActionOutcome } from '../gateway/run-action.ts';
import { Fault } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import { awsIdentity } from './aws-identity.ts';
import type { GatewayConfig } from './config/config.ts';
import type { Parts } from './parts.ts';

/** Makes the calls of actions, as the configured identity; who that is, is asked at the first call that is signed. */
export function gatewayCalls(
  gateway: GatewayConfig,
  parts: Parts,
): (call: GatewayCall, signal: AbortSignal) => Promise<ActionOutcome> {
  const { config, clock, env, log, redactor } = parts;
  const http = createHttp(env);
  const region = config.aws.region ?? gateway.region ?? 'us-east-1';
  const credentials = freshCredentials(awsIdentity(region, parts), clock);
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
