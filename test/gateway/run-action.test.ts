import { expect, it } from 'vitest';
import { createRedactor } from '../../src/kit/redact.ts';
import { runAction } from '../../src/gateway/run-action.ts';
import type { Bench } from './with-gateway.ts';
import { withGateway } from './with-gateway.ts';

const DEPLOY = { method: 'POST', path: '/deploy', body: { deployment: 'app' } } as const;
const run = ({ call, connection, ports }: Bench, template: Parameters<Bench['call']>[0] = DEPLOY) =>
  runAction(
    { call: call(template) },
    {
      ...ports,
      redactor: createRedactor(),
      connection: connection({ headers: { 'x-api-key': 'sensitive-api-key' } }),
    },
  );

it('an action that was done tells status, digest and what the service said', () =>
  withGateway(async (bench) => {
    expect(await run(bench)).toEqual({
      kind: 'done',
      status: 202,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      line: 'POST /deploy was answered 202 (30 bytes)',
      said: '{"id":"d-1","status":"queued"}',
    });
    expect(bench.gateway.calls).toHaveLength(1);
  }));

it('an action whose answer is lost is unknown, and is not run again', () =>
  withGateway(async (bench) => {
    bench.gateway.fault('POST /deploy', 'lost');
    expect(await run(bench)).toMatchObject({ kind: 'unknown', code: 'GATEWAY_OUTCOME_UNKNOWN' });
    expect(bench.gateway.calls).toHaveLength(1);
  }));

it('an action that is refused has failed, with the words of the service and without secrets', () =>
  withGateway(async (bench) => {
    bench.gateway.fault('POST /deploy', { http: 409, body: { message: 'busy, key sensitive-api-key' } });
    expect(await run(bench)).toMatchObject({
      kind: 'failed',
      code: 'GATEWAY_REFUSED',
      line: 'POST /deploy was answered 409: busy, key ***',
    });
  }));

it('bytes are not shown, and text is bounded', () =>
  withGateway(async (bench) => {
    expect(await run(bench, { path: '/bytes' })).toMatchObject({ kind: 'done', said: '' });
    const long = await run(bench, { method: 'POST', path: '/echo/x', body: { x: 'y'.repeat(5000) } });
    expect(long).toMatchObject({ said: expect.stringMatching(/^.{1000}…$/) });
  }));

it('a stop rejects, and leaves the outcome open', () =>
  withGateway(async (bench) => {
    bench.gateway.fault('*', 'hang');
    const controller = new AbortController();
    const ports = {
      ...bench.ports,
      redactor: createRedactor(),
      signal: controller.signal,
      connection: bench.connection(),
    };
    const running = runAction({ call: bench.call(DEPLOY) }, ports);
    await expect.poll(() => bench.gateway.calls.length).toBe(1);
    controller.abort(new Error('stopping'));
    await expect(running).rejects.toThrow('stopping');
  }));
