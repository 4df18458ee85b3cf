import { createHttp } from '../kit/http.ts';
import type { Config } from './config/config.ts';
import type { ConfigPorts } from './config/read-config.ts';
import { countStoreErrors } from './count-store-errors.ts';
import { healthRoutes } from './health.ts';
import type { ListenerLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openSlack } from './open-slack.ts';
import { openStore } from './open-store.ts';
import type { Feature, MakeFeature, Parts } from './parts.ts';
import type { Program } from './program.ts';
import { createReadiness } from './readiness.ts';
import { startServer } from './server.ts';
import { createSlackVerifier } from './slack-identity.ts';
import { stopSignal } from './stop-signal.ts';

export interface ServePorts extends ConfigPorts {
  readonly log: ListenerLog;
  readonly program: Program;
  /** Registers who is told when a secret could not be read again. */
  readonly onStale: (told: () => void) => void;
}

/** After SIGTERM; Kubernetes kills after 30 s. */
const HARD_END_MS = 25_000;
const EFFECTS_MS = 10_000;

/**
 * Runs the listener until SIGTERM or SIGINT, and then ends it so that nothing is lost: not ready at once, still accepting for
 * `server.shutdown_delay`, waiting requests answered early, running ones to their end, effects drained, the store closed.
 * Resolves to the exit code.
 */
export async function serve(
  config: Config,
  make: readonly MakeFeature[],
  ports: ServePorts,
): Promise<number> {
  const { clock, log, program } = ports;
  const stop = stopSignal(program);
  const over = new AbortController();
  const metrics = createMetrics();
  ports.onStale(() => metrics.count('listener_config_stale_total', {}));
  const readiness = createReadiness(clock, log, (ready) => metrics.set('listener_ready', {}, ready ? 1 : 0));
  const http = createHttp(ports.env);
  const store = countStoreErrors(await openStore(config, true), (operation) =>
    metrics.count('listener_store_errors_total', { operation }),
  );
  readiness.add('store', async () => {
    await store.read('health/ready');
    return undefined;
  });

  const shared = { http, clock, log, metrics, signal: over.signal };
  const slack = config.slack && openSlack(config.slack, shared);
  const verifier = config.slack && slack && createSlackVerifier(config.slack, { slack, clock, log });
  if (verifier) readiness.add('slack', () => Promise.resolve(verifier.problem()));
  const parts: Parts = {
    ...shared,
    config,
    env: ports.env,
    redactor: ports.redactor,
    store,
    slack,
    slackIdentity: () => verifier?.identity(),
  };

  const running = await makeAll(make, parts);
  for (const { checks = {} } of running)
    for (const [name, check] of Object.entries(checks)) readiness.add(name, check);
  const routes = [...healthRoutes(readiness, metrics), ...running.flatMap((feature) => feature.routes ?? [])];
  const server = await startServer({ config, routes, log, clock, metrics });
  log.info('listening', {
    host: config.server.host,
    public_port: server.publicPort,
    private_port: server.privatePort,
    role: config.role,
    features: running.map(({ name }) => name).join(' '),
  });
  const verifying = verifier?.run(stop.signal);
  for (const feature of running) await feature.start?.();

  await stop.wait();
  log.info('stopping');
  readiness.stopping();
  const ended = new AbortController();
  void endHard(ended.signal, ports);
  await clock.sleep(config.server.shutdownDelayMs, stop.again).catch(() => undefined);
  await Promise.all([...running.map((feature) => feature.quiet?.()), server.close()]);
  for (const feature of running.toReversed()) await feature.stop?.(EFFECTS_MS);
  over.abort(new Error('the listener has stopped'));
  await verifying;
  await store.close();
  ended.abort();
  log.info('stopped');
  return 0;
}

async function endHard(ended: AbortSignal, { clock, log, program }: ServePorts): Promise<void> {
  await clock.sleep(HARD_END_MS, ended).catch(() => undefined);
  if (ended.aborted) return;
  log.error('not everything ended in time', { seconds: HARD_END_MS / 1000 });
  program.exit(1);
}

async function makeAll(make: readonly MakeFeature[], parts: Parts): Promise<Feature[]> {
  const made: Feature[] = [];
  for (const one of make) {
    const feature = await one(parts);
    if (feature) made.push(feature);
  }
  return made;
}
