import { request } from 'node:http';
import { listen } from '../fakes/http/listen.ts';

export interface MappingProxy {
  readonly url: string;
  /** The hosts that were asked for. */
  readonly hosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** A forward proxy that sends everything to one server, whatever its host: names that no DNS knows lead there. */
export async function startMappingProxy(to: string): Promise<MappingProxy> {
  const { hostname, port } = new URL(to);
  const hosts = new Set<string>();
  const server = await listen((req, res) => {
    hosts.add(req.headers.host ?? '');
    const path = (req.url ?? '').replace(/^http:\/\/[^/?]*/i, '');
    const { 'proxy-connection': _, ...headers } = req.headers;
    const upstream = request({ hostname, port, path, method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(upstream.on('error', () => res.destroy()));
  });
  return { url: server.origin, hosts, close: () => server.close() };
}
