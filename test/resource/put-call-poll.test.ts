import { describe, expect, test } from 'vitest';
import { versionOf, withCalls } from './call-world.ts';

const POLL = { path: '/deploy/{{body.id}}', json: 'status', equals: 'done', failed: ['error'], every: '1s' };
const DEPLOY = { method: 'POST', path: '/deploy', body: { namespace: 'production' }, poll: POLL };

const targets = (calls: readonly { method: string; target: string }[]) =>
  calls.map(({ method, target }) => `${method} ${target}`);

test('looks until the state is the one waited for, tells each state once, and answers with the last look', () =>
  withCalls(
    async ({ call, gateway }) => {
      const step = await call(DEPLOY);
      expect(step.code, step.stderr).toBe(0);
      expect(versionOf(step)).toMatchObject({ status: '200' });
      expect(targets(gateway.calls)).toEqual(['POST /prod/deploy', ...Array(3).fill('GET /prod/deploy/d-1')]);
      expect(step.stderr.match(/queued|running/g)).toEqual(['queued', 'running']);
      expect(gateway.calls[1]?.headers).not.toHaveProperty('content-type');
    },
    { states: ['queued', 'running', 'done'] },
  ));

test('fails at a state that means failure', () =>
  withCalls(
    async ({ call }) => {
      const step = await call(DEPLOY);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('GET /deploy/d-1: status is error [GATEWAY_FAILED]');
    },
    { states: ['error'] },
  ));

test('bears what may pass while it waits', () =>
  withCalls(
    async ({ call, gateway }) => {
      for (const fault of [{ http: 503 }, 'reset', { http: 429 }, { http: 404 }] as const)
        gateway.fault('GET /deploy/d-1', fault);
      const step = await call(DEPLOY);
      expect(step.code, step.stderr).toBe(0);
      expect(gateway.calls).toHaveLength(6);
      expect(gateway.deployments.begun).toHaveLength(1);
    },
    { states: ['done'] },
  ));

test('ends at its timeout with the last state', () =>
  withCalls(
    async ({ call }) => {
      const step = await call({ ...DEPLOY, poll: { ...POLL, timeout: '5s' } });
      expect(step.stderr).toMatch(/did not come to its end in 5 s; last: queued \[GATEWAY_TIMEOUT\]/);
    },
    { states: ['queued'] },
  ));

test('gives up on a path that is not there, and on a refusal', () =>
  withCalls(async ({ call, gateway }) => {
    const missing = await call({ ...DEPLOY, poll: { ...POLL, path: '/deploy/other' } });
    expect(missing.stderr).toContain('was answered 404: no deployment other [GATEWAY_REFUSED]');
    expect(gateway.calls).toHaveLength(4);
    gateway.fault('GET /deploy/d-2', { http: 401 });
    expect((await call(DEPLOY)).stderr).toContain('was answered 401');
    expect(gateway.calls).toHaveLength(6);
  }));

test('says so when the first answer does not hold what the path needs', () =>
  withCalls(async ({ call, gateway }) => {
    const step = await call({ ...DEPLOY, poll: { ...POLL, path: '/deploy/{{body.job.id}}' } });
    expect(step.stderr).toMatch(/\{\{body\.job\.id\}\} is not defined \[TEMPLATE_INVALID\]/);
    expect(gateway.calls).toHaveLength(1);
  }));

describe('SIGTERM', () => {
  test('stops the wait, and says that the service goes on', () =>
    withCalls(
      async ({ call, gateway }) => {
        const step = await call(
          { ...DEPLOY, poll: { ...POLL, every: '1h' } },
          {},
          { killAfterStderr: /queued/ },
        );
        expect(step).toMatchObject({ code: 1, stdout: '' });
        expect(step.stderr).toMatch(/POST \/deploy was answered 202, and goes on/);
        expect(step.stderr).toContain('[STOPPED]');
        expect(gateway.calls).toHaveLength(2);
      },
      { states: ['queued'] },
    ));

  test('during the call says that it may have been done', () =>
    withCalls(async ({ call, gateway }) => {
      gateway.fault('POST /deploy', 'hang');
      const stop = new AbortController();
      const running = call(DEPLOY, {}, { signal: stop.signal });
      await expect.poll(() => gateway.calls.length).toBe(1);
      stop.abort();
      const step = await running;
      expect(step.stderr).toContain('was under way and may have been done');
      expect(step.stderr).toContain('[STOPPED]');
    }));
});
