import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { serverTls } from '../../support/tls.ts';

export type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

export interface Listener {
  /** `http://127.0.0.1:port`, or `https://localhost:port` with `tls`. */
  readonly origin: string;
  readonly port: number;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Serves https with the certificate of test/support/tls.ts. */
  readonly tls?: boolean;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Takes over CONNECT requests. */
  readonly onConnect?: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes over connections that are to become something else, such as a WebSocket. */
  readonly onUpgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Starts an HTTP server on a loopback port. A handler that throws answers 500 with the stack: a bug of the fake. */
export async function listen(handler: Handler, options: ListenOptions = {}): Promise<Listener> {
  const onRequest = (req: IncomingMessage, res: ServerResponse) => void run(handler, req, res);
  const server =
    options.tls === true
      ? createTlsServer({ ...serverTls, requestTimeout: 0 }, onRequest)
      : createServer({ requestTimeout: 0 }, onRequest);
  if (options.onConnect !== undefined) server.on('connect', options.onConnect);
  if (options.onUpgrade !== undefined) server.on('upgrade', options.onUpgrade);
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  return {
    origin: options.tls === true ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function run(handler: Handler, req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.on('error', () => undefined);
  try {
    await handler(req, res);
  } catch (error) {
    if (res.destroyed || res.headersSent) return void res.destroy();
    const stack = error instanceof Error ? error.stack : String(error);
    res.writeHead(500, { 'content-type': 'text/plain' }).end(`the fake failed: ${stack}`);
  }
}
