import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen } from '../http/listen.ts';

interface ProxyTarget {
  /** CONNECT for a tunnel, else the method of a forwarded request. */
  readonly method: string;
  /** `host:port` of a tunnel, the whole URL otherwise. */
  readonly target: string;
}

export interface FakeProxy {
  readonly url: string;
  readonly targets: readonly ProxyTarget[];
  close(): Promise<void>;
}

/** Starts an HTTP forward proxy on loopback: CONNECT tunnels and absolute-form requests. */
export async function startFakeProxy(): Promise<FakeProxy> {
  const targets: ProxyTarget[] = [];
  const server = await listen(
    (req, res) => {
      targets.push({ method: req.method ?? '', target: req.url ?? '' });
      forward(req, res);
    },
    {
      onConnect(req, socket, head) {
        targets.push({ method: 'CONNECT', target: req.url ?? '' });
        tunnel(req.url ?? '', socket, head);
      },
    },
  );
  return { url: server.origin, targets, close: () => server.close() };
}

function forward(req: IncomingMessage, res: ServerResponse): void {
  const url = URL.parse(req.url ?? '');
  if (url?.protocol !== 'http:') return void res.writeHead(400).end('absolute-form http URL required');
  const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = req.headers;
  const { hostname, port } = url;
  // The path goes on byte for byte: a parsed URL would fold its dot segments.
  const path = (req.url ?? '').replace(/^http:\/\/[^/?]*/i, '') || '/';
  const upstream = request({ hostname, port, path, method: req.method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  upstream.on('error', () => (res.headersSent ? res.destroy() : res.writeHead(502).end()));
  res.on('close', () => upstream.destroy());
  req.pipe(upstream);
}

function tunnel(target: string, socket: Duplex, head: Buffer): void {
  const url = URL.parse(`http://${target}`);
  if (url === null) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  const upstream = connect(Number(url.port || 80), url.hostname.replace(/^\[|\]$/g, ''), () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}
