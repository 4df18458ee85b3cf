import { messageOf } from '../kit/fault.ts';
import { assemble } from './assemble.ts';
import type { AssemblePorts, Assembly } from './assemble.ts';
import type { Config } from './config/config.ts';
import type { ListenerLog } from './log.ts';
import type { MakeFeature } from './parts.ts';
import type { Program } from './program.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import { stopSignal } from './stop-signal.ts';

export interface ServePorts extends AssemblePorts {
  readonly program: Program;
}

/** After SIGTERM; Kubernetes kills after 30 s. */
const HARD_END_MS = 25_000;
const EFFECTS_MS = 10_000;
/** What is left then for closing the store. */
const CLOSING_MS = 2000;

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
  const listener = await assemble(config, make, ports, over.signal);
  const { features, routes, metrics, store } = listener;
  const server = await startServer({ config, routes, log, clock, metrics });
  log.info('listening', {
    host: config.server.host,
    public_port: server.publicPort,
    private_port: server.privatePort,
    role: config.role,
    features: features.map(({ name }) => name).join(' '),
  });
  const verifying = listener.verify(stop.signal);
  for (const feature of features) await feature.start?.();

  await stop.wait();
  const closing = clock.now() + HARD_END_MS - CLOSING_MS;
  const ended = new AbortController();
  void endHard(ended.signal, ports);
  log.info('stopping');
  listener.readiness.stopping();
  await clock.sleep(config.server.shutdownDelayMs, stop.again).catch(() => undefined);
  await becomeIdle(listener, server, log, () => Math.max(0, Math.min(EFFECTS_MS, closing - clock.now())));
  over.abort(new Error('the listener has stopped'));
  await verifying;
  await store.close();
  ended.abort();
  log.info('stopped');
  return 0;
}

// A part that cannot end as it should must keep no other from ending.
async function becomeIdle(
  { features }: Assembly,
  server: RunningServer,
  log: ListenerLog,
  leftMs: () => number,
): Promise<void> {
  const trying = (part: string, act: Promise<void> | undefined) =>
    act?.catch((error: unknown) => log.error('did not end well', { part, error: messageOf(error) }));
  await Promise.all([
    ...features.map((feature) => trying(feature.name, feature.quiet?.())),
    trying('server', server.close()),
  ]);
  for (const feature of features.toReversed()) await trying(feature.name, feature.stop?.(leftMs()));
}

async function endHard(ended: AbortSignal, { clock, log, program }: ServePorts): Promise<void> {
  await clock.sleep(HARD_END_MS, ended).catch(() => undefined);
  if (ended.aborted) return;
  log.error('not everything ended in time', { seconds: HARD_END_MS / 1000 });
  program.exit(1);
}
