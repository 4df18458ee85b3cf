import type { Route } from '../kit/incoming.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** `/health`: the process answers. `/ready`: it may be sent traffic. `/metrics`: for Prometheus. */
export function healthRoutes(readiness: Readiness, metrics: Metrics): readonly Route[] {
  const answer = { bodyLimit: 1, rateLimit: 'none' } as const;
  const health = () => Promise.resolve({ status: 200, body: { status: 'ok' } });
  const ready = async () => {
    const report = await readiness.report();
    const status = report.ready ? 'ready' : 'not ready';
    return { status: report.ready ? 200 : 503, body: { status, checks: report.checks } };
  };
  const probes = (['GET', 'HEAD'] as const).flatMap((method) => [
    { ...answer, method, path: '/health', port: 'public', handle: health } as const,
    { ...answer, method, path: '/ready', port: 'public', handle: ready } as const,
  ]);
  return [
    ...probes,
    {
      ...answer,
      method: 'GET',
      path: '/metrics',
      port: 'private',
      async handle() {
        const body = await metrics.text();
        return { status: 200, headers: { 'content-type': metrics.contentType }, body };
      },
    },
  ];
}
