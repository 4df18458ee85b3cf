import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { Config } from './config/config.ts';
import { addRoutes } from './add-routes.ts';
import { NO_SUCH_ROUTE } from './answers.ts';
import { createExchange } from './exchange.ts';
import type { Route } from '../kit/incoming.ts';
import type { ListenerLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import { refuseBadRequest } from './refuse-bad-request.ts';

export interface ServerOptions {
  readonly config: Pick<Config, 'server' | 'tokens'>;
  readonly routes: readonly Route[];
  readonly log: ListenerLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly limits?: Partial<ServerLimits>;
}

/** How patient the server is with callers. */
export interface ServerLimits {
  /** From connecting to the end of the headers. */
  readonly headersMs: number;
  /** To the end of the body. */
  readonly requestMs: number;
  /** Between two requests of one connection: longer than load balancers wait, so that it is them who close. */
  readonly keepAliveMs: number;
  readonly headerBytes: number;
}

export interface RunningServer {
  readonly publicPort: number;
  /** Where `private_port` is set. */
  readonly privatePort: number | undefined;
  /** Accepts nothing more, asks what is waiting to answer early, and resolves when every request has been answered. */
  close(): Promise<void>;
}

const LIMITS: ServerLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 75_000,
  headerBytes: 16_384,
};

/** Serves the routes, private ones on their own port where there is one. Faults: LISTEN_FAILED. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { server } = options.config;
  const stop = new AbortController();
  const limits = { ...LIMITS, ...options.limits };
  const exchange = createExchange(options, stop.signal);
  const isPrivate = (route: Route) => route.port === 'private' && server.privatePort !== undefined;
  const open: FastifyInstance[] = [];
  const serve = async (port: number, routes: readonly Route[]): Promise<number> => {
    const app = createApp(limits);
    open.push(app);
    addRoutes(app, routes, exchange);
    return listen(app, server.host, port);
  };
  const close = async () => {
    stop.abort(new Error('the listener is stopping'));
    await Promise.all(open.map((app) => app.close()));
  };

  try {
    const publicPort = await serve(
      server.port,
      options.routes.filter((route) => !isPrivate(route)),
    );
    const { privatePort: wanted } = server;
    const both = options.routes.filter((route) => isPrivate(route) || isProbe(route));
    const privatePort = wanted === undefined ? undefined : await serve(wanted, both);
    return { publicPort, privatePort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Kubernetes may ask either port.
function isProbe({ path }: Route): boolean {
  return path === '/health' || path === '/ready';
}

function createApp(limits: ServerLimits): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // What comes over a connection that is still open is answered, not lost; the answer closes it.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    routerOptions: { maxParamLength: 1000 },
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      maxHeaderSize: limits.headerBytes,
      // A link preview or scanner that names no host gets an answer all the same.
      requireHostHeader: false,
    },
    clientErrorHandler: refuseBadRequest,
    frameworkErrors: (_error, _request, reply) => {
      reply.raw
        .writeHead(NO_SUCH_ROUTE.status, { 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify(NO_SUCH_ROUTE.body));
    },
  });
  app.removeAllContentTypeParsers();
  // Signatures are over the bytes that came: nobody parses them before the domain does.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return app;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new Fault('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
      hint: 'see who has the port, or set another server.port or private_port',
      cause,
    });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
