import { createHttp } from '../kit/http.ts';
import type { Config } from './config/config.ts';
import type { ConfigPorts } from './config/read-config.ts';
import { countStoreErrors } from './count-store-errors.ts';
import { healthRoutes } from './health.ts';
import type { Route } from '../kit/incoming.ts';
import type { ListenerLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { openSlack } from './open-slack.ts';
import { openStore } from './open-store.ts';
import type { OpenedStore } from './open-store.ts';
import type { Feature, MakeFeature, Parts } from './parts.ts';
import { createReadiness } from './readiness.ts';
import type { Readiness } from './readiness.ts';
import { createSlackVerifier } from './slack-identity.ts';

export interface AssemblePorts extends ConfigPorts {
  readonly log: ListenerLog;
  /** Registers who is told when a secret could not be read again. */
  readonly onStale: (told: () => void) => void;
}

/** Everything a listener is made of, before a port is open. */
export interface Assembly {
  readonly features: readonly Feature[];
  readonly routes: readonly Route[];
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly store: OpenedStore;
  /** Asks Slack who we are, until it has answered or the signal aborts. */
  readonly verify: (signal: AbortSignal) => Promise<void>;
}

/** Opens the store and makes the features. `over` aborts what they still do when all has ended. Faults: STORE_*, CONFIG_INVALID. */
export async function assemble(
  config: Config,
  make: readonly MakeFeature[],
  ports: AssemblePorts,
  over: AbortSignal,
): Promise<Assembly> {
  const { clock, log } = ports;
  const metrics = createMetrics();
  ports.onStale(() => metrics.count('listener_config_stale_total', {}));
  const readiness = createReadiness(clock, log, (ready) => metrics.set('listener_ready', {}, ready ? 1 : 0));
  const failed = (operation: string) => metrics.count('listener_store_errors_total', { operation });
  const store = countStoreErrors(await openStore(config, true), failed);
  readiness.add('store', async () => {
    await store.read('health/ready');
    return undefined;
  });

  const shared = { http: createHttp(ports.env), clock, log, metrics, signal: over };
  const slack = config.slack && openSlack(config.slack, shared);
  const verifier = config.slack && slack && createSlackVerifier(config.slack, { slack, clock, log });
  if (verifier) readiness.add('slack', () => Promise.resolve(verifier.problem()));

  const { env, redactor } = ports;
  const slackIdentity = () => verifier?.identity();
  const features = await makeAll(make, { ...shared, config, env, redactor, store, slack, slackIdentity });
  for (const { checks = {} } of features)
    for (const [name, check] of Object.entries(checks)) readiness.add(name, check);
  const routes = [...healthRoutes(readiness, metrics), ...features.flatMap(({ routes: own = [] }) => own)];
  const verify = async (signal: AbortSignal) => verifier?.run(signal);
  return { features, routes, readiness, metrics, store, verify };
}

async function makeAll(make: readonly MakeFeature[], parts: Parts): Promise<Feature[]> {
  const made: Feature[] = [];
  for (const one of make) {
    const feature = await one(parts);
    if (feature) made.push(feature);
  }
  return made;
}
