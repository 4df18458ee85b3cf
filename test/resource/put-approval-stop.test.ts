import { describe, expect, test } from 'vitest';
import { until, withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';

/** Far more than it takes, far less than a call that hangs. */
const SOON_MS = 20_000;
const ask = { approval: { title: 'Ship 1.2.3?' } };

/** Stops the put once `reached` holds; what it did then. */
async function stopped({ put, source }: GateWorld, reached: () => boolean, params: object = ask) {
  const stop = new AbortController();
  const ended = put(params, { signal: stop.signal, source: source({ gate: undefined }) });
  await until(reached);
  const at = Date.now();
  stop.abort();
  const step = await ended;
  // After 8 s without an end it would be cut, and say so: `stopped while a call was still open`.
  expect(step.stderr).toContain('put: stopped by SIGTERM [STOPPED]');
  expect(step).toMatchObject({ code: 1, signal: null, stdout: '' });
  expect(Date.now() - at).toBeLessThan(SOON_MS);
  return step;
}

const waiting = { approval: { ...ask.approval, gate: 'release' } };
const DETACH = 'POST /v1/approvals/:id/detach';

describe.concurrent('SIGTERM ends the wait and tells the listener why (C16, C23):', () => {
  test('while it waits', () =>
    withGate(async (world) => {
      const { listener } = world;
      const step = await stopped(
        world,
        () => listener.approvals.length > 0 && listener.last().holding === 1,
        waiting,
      );
      expect(step.stderr).toContain('put: the listener knows that the build was stopped\n');
      expect(listener.last()).toMatchObject({ status: 'requested', detached: 'build stopped', holding: 0 });
      expect(listener.requests.at(-1)?.body).toMatchObject({ origin: { build_id: '4711' } });
    }));

  test('while the answer to the request is on its way, because only that tells the id', () =>
    withGate(async (world) => {
      const { listener } = world;
      listener.fault('POST /v1/approvals', 'lost');
      await stopped(world, () => listener.approvals.length > 0, waiting);
      expect(listener.last().detached).toBe('build stopped');
    }));

  test('while the listener hangs', () =>
    withGate(async (world) => {
      const { listener } = world;
      listener.fault('GET /v1/approvals/:id', 'hang');
      listener.fault(DETACH, 'hang');
      const step = await stopped(world, () => listener.count('GET /v1/approvals/:id') > 0, waiting);
      expect(step.stderr).toContain(
        'put: warning: the listener could not be told that the build was stopped: ',
      );
    }));

  test('while the listener has not answered at all', () =>
    withGate(async (world) => {
      const { listener } = world;
      listener.fault('POST /v1/approvals', 'hang');
      await stopped(world, () => listener.count() > 0, waiting);
      expect(listener.count(DETACH)).toBe(0);
    }));

  test('while the listener is gone', () =>
    withGate(async (world) => {
      const { listener } = world;
      await stopped(
        world,
        () => {
          if (listener.approvals.length === 0 || listener.last().holding === 0) return false;
          void listener.stop();
          return true;
        },
        waiting,
      );
      await listener.start();
      expect(listener.last().detached).toBeUndefined();
    }));

  test('a request nobody waits for is taken back', () =>
    withGate(async (world) => {
      const { listener } = world;
      listener.fault('POST /v1/approvals', 'lost');
      const params = { approval: { ...waiting.approval, wait: false } };
      await stopped(world, () => listener.approvals.length > 0, params);
      expect(listener.last()).toMatchObject({ status: 'withdrawn', note: 'build stopped' });
    }));
});

test('a second put re-attaches to the request that the first has left', () =>
  withGate(async (world) => {
    const { listener, put, source } = world;
    await stopped(world, () => listener.approvals.length > 0 && listener.last().holding === 1, waiting);
    const again = put(waiting, { source: source({ gate: undefined }) });
    await until(() => listener.last().holding === 1);
    expect(listener.last().detached).toBeUndefined();
    listener.decide(listener.last(), { status: 'approved', by: ['Ana'] });
    expect((await again).json()).toMatchObject({ version: { approval: listener.last().id } });
    expect(listener.approvals).toHaveLength(1);
  }));
