import { describe, expect, test } from 'vitest';
import type { ListenerFault } from '../fakes/listener/server.ts';
import { until, withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';

const POLL = 'GET /v1/approvals/:id';
const ask = { approval: { title: 'Ship 1.2.3?' } };

describe.concurrent('a waiting put survives', () => {
  test('a restart of the listener, and says so once (C23)', () =>
    withGate(async ({ listener, put }) => {
      let said = '';
      const ended = put(ask, { onStderr: (text) => (said = text) });
      await until(() => listener.approvals.length > 0 && listener.last().holding === 1);
      await listener.stop();
      await until(() => said.includes('warning: no answer from the listener'));
      await listener.start();
      await until(() => listener.last().holding === 1);
      listener.decide(listener.last(), { status: 'approved', by: ['Ana'] });
      const step = await ended;
      expect(step.stderr.match(/no answer from the listener/g)).toHaveLength(1);
      expect(step.stderr).toContain('put: the listener answers again\nput: approved by Ana\n');
      expect(step.json()).toMatchObject({ version: { status: 'approved' } });
      expect(listener.approvals).toHaveLength(1);
    }));

  test.for<readonly [string, ListenerFault]>([
    ['a connection that breaks', 'reset'],
    ['an answer that is lost', 'lost'],
    ['a login page in between', 'garbage'],
    ['a gateway without a listener behind it', { status: 502 }],
    ['a proxy that does not know the address for a while', { status: 404 }],
    ['a store that is locked', { status: 503, code: 'unavailable', message: 'the store is locked' }],
    ['being asked to slow down', { status: 429, code: 'rate_limited', message: 'too many requests' }],
  ])('%s', async ([, fault]) =>
    withGate(async ({ listener, put }) => {
      listener.fault(POLL, fault, 2);
      await approved({ listener, put });
      expect(listener.count(POLL)).toBeGreaterThan(2);
      expect(listener.approvals).toHaveLength(1);
    }),
  );
});

describe.concurrent('asking is repeated as the same request after', () => {
  test.for<readonly [string, ListenerFault]>([
    ['a connection that breaks', 'reset'],
    ['an answer that is lost', 'lost'],
    ['a failure of the listener', { status: 500 }],
    [
      'being asked to wait',
      { status: 429, code: 'rate_limited', message: 'too many requests', retryAfter: 1 },
    ],
  ])('%s', async ([, fault]) =>
    withGate(async ({ listener, put }) => {
      listener.fault('POST /v1/approvals', fault, 2);
      await approved({ listener, put });
      expect(listener.count('POST /v1/approvals')).toBe(3);
      expect(listener.approvals).toHaveLength(1);
    }),
  );
});

async function approved({ listener, put }: Pick<GateWorld, 'listener' | 'put'>): Promise<void> {
  const ended = put(ask);
  await until(() => listener.approvals.length > 0 && listener.last().holding === 1);
  listener.decide(listener.last(), { status: 'approved', by: ['Ana'] });
  const step = await ended;
  expect(step.stderr).toContain('put: approved by Ana\n');
  expect(step.code).toBe(0);
}
