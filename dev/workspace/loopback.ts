import { createServer, type Server } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request may be answered. The Host must be a loopback name, else a foreign site could reach us by rebinding its
 * own name to 127.0.0.1; and an Origin, which browsers send with every request that can change something, must be ours.
 */
export function isLocalRequest(request: IncomingMessage): boolean {
  const host = request.headers.host ?? '';
  const origin = request.headers.origin;
  return LOOPBACK_NAMES.has(hostname(host)) && (origin === undefined || origin === `http://${host}`);
}

/** Starts a server on 127.0.0.1. Port 0 lets the system choose. Rejects when the port is taken. */
export async function listenOnLoopback(
  handler: RequestListener,
  port: number,
): Promise<{ server: Server; url: string }> {
  const server = createServer(handler);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the workspace page has no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** Ends a server at once, open connections included. */
export async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}

function hostname(host: string): string {
  return URL.parse(`http://${host}`)?.hostname ?? '';
}
