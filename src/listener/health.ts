import type { Route } from './http.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** `/health`: the process answers. `/ready`: it may be sent traffic. `/metrics`: for Prometheus. */
export function healthRoutes(readiness: Readiness, metrics: Metrics): readonly Route[] {
  const get = { method: 'GET', bodyLimit: 1, rateLimit: 'none' } as const;
  return [
    {
      ...get,
      path: '/health',
      port: 'public',
      handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
    },
    {
      ...get,
      path: '/ready',
      port: 'public',
      async handle() {
        const { ready, checks } = await readiness.report();
        return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'not ready', checks } };
      },
    },
    {
      ...get,
      path: '/metrics',
      port: 'private',
      async handle() {
        const body = await metrics.text();
        return { status: 200, headers: { 'content-type': metrics.contentType }, body };
      },
    },
  ];
}
