import { systemClock } from '../../src/kit/clock.ts';
import type { Clock } from '../../src/kit/clock.ts';
import { createRedactor } from '../../src/kit/redact.ts';
import type { Config } from '../../src/listener/config/config.ts';
import type { Incoming, Outgoing, Route } from '../../src/kit/incoming.ts';
import { createListenerLog } from '../../src/listener/log.ts';
import { createMetrics } from '../../src/listener/metrics.ts';
import { startServer } from '../../src/listener/server.ts';
import type { RunningServer, ServerLimits } from '../../src/listener/server.ts';
import { configOf } from './config/load.ts';

export interface ServerWorld {
  readonly server: RunningServer;
  readonly origin: string;
  readonly privateOrigin: string;
  /** Lines of the log, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly metricsText: () => Promise<string>;
}

export interface ServerSetup {
  /** Text of the configuration; the server listens on a free port of loopback in any case. */
  readonly config?: string;
  readonly routes: readonly Route[];
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  readonly privatePort?: boolean;
  readonly port?: number;
}

/** Starts the HTTP server with these routes in this process, and closes it when `use` has ended. */
export async function withServer(
  setup: ServerSetup,
  use: (world: ServerWorld) => Promise<void>,
): Promise<void> {
  const config: Config = await configOf(setup.config ?? '');
  const lines: Readonly<Record<string, unknown>>[] = [];
  const clock = setup.clock ?? systemClock;
  const log = createListenerLog({
    write: (line) => void lines.push(JSON.parse(line)),
    redactor: createRedactor(),
    clock,
    level: () => 'debug',
  });
  const metrics = createMetrics();
  const at = {
    host: '127.0.0.1',
    port: setup.port ?? 0,
    privatePort: setup.privatePort === true ? 0 : undefined,
  };
  const server = await startServer({
    config: { ...config, server: { ...config.server, ...at } },
    routes: setup.routes,
    log,
    clock,
    metrics,
    ...(setup.limits && { limits: setup.limits }),
  });
  const originOf = (port: number) => `http://127.0.0.1:${port}`;
  try {
    await use({
      server,
      origin: originOf(server.publicPort),
      privateOrigin: originOf(server.privatePort ?? server.publicPort),
      lines,
      metricsText: () => metrics.text(),
    });
  } finally {
    await server.close();
  }
}

/** A route that answers with what it was given. */
export function echo(change: Partial<Route> = {}): Route {
  return {
    method: 'POST',
    path: '/echo/:name',
    port: 'public',
    bodyLimit: 100,
    handle: ({ method, route, params, query, headers, body, remote }: Incoming): Promise<Outgoing> =>
      Promise.resolve({
        status: 200,
        body: {
          method,
          route,
          params,
          query: [...query],
          header: headers['x-test'],
          body: body.toString('hex'),
          remote,
        },
      }),
    ...change,
  };
}
