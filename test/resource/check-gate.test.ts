import { describe, expect, test } from 'vitest';
import type { FakeDecision } from '../fakes/listener/approval.ts';
import type { ListenerFault } from '../fakes/listener/server.ts';
import { withGate } from '../support/gate.ts';
import type { GateWorld } from '../support/gate.ts';

const DECISIONS = 'GET /v1/gates/:gate/decisions';

async function decided({ listener, put, source }: GateWorld, ...decisions: readonly FakeDecision[]) {
  for (const [index, decision] of decisions.entries()) {
    const approval = { title: `Ship ${index}?`, gate: 'release', wait: false };
    await put({ approval }, { source: source({ gate: undefined }) });
    listener.decide(listener.last(), decision);
  }
  return listener.approvals.map(({ id, status }) => ({ approval: id, status }));
}

const yes = { status: 'approved', by: ['Ana'] } as const;

test('reports approvals that are live, oldest first, with one request (C5)', () =>
  withGate(async (world) => {
    const [first, , third] = await decided(world, yes, { status: 'denied' }, yes);
    const step = await world.check();
    expect(step).toMatchObject({ code: 0, stdout: `${JSON.stringify([first, third])}\n`, stderr: '' });
    expect(world.listener.requests.filter(({ route }) => route === DECISIONS)).toEqual([
      { route: DECISIONS, path: '/v1/gates/release/decisions?emit=approved', body: undefined },
    ]);
  }));

test('goes on from the given version, and drops what was used since', () =>
  withGate(async (world) => {
    const [first, second, third] = await decided(world, yes, yes, yes);
    expect((await world.check(second)).json()).toEqual([second, third]);
    const [used] = world.listener.approvals;
    if (used) used.claimedBy = '4700';
    expect((await world.check(first)).json()).toEqual([second, third]);
  }));

test('reports what the source asks for', () =>
  withGate(async (world) => {
    const all = await decided(world, yes, { status: 'denied' }, { status: 'timed_out' });
    const source = world.source({ emit: ['approved', 'denied', 'timed_out', 'withdrawn'] });
    expect((await world.check(undefined, { source })).json()).toEqual(all);
  }));

test('asks about a gate with a slash in its name as one name', () =>
  withGate(
    async (world) => {
      const source = world.source({ gate: 'main/app & co' });
      expect((await world.check(undefined, { source })).json()).toEqual([]);
      expect(world.listener.requests.at(-1)?.path).toBe(
        '/v1/gates/main%2Fapp%20%26%20co/decisions?emit=approved',
      );
    },
    { gates: { 'main/app & co': {} } },
  ));

test.for<readonly [string, object]>([
  ['an approval nobody gave', { approval: 'f0f0f0', status: 'approved' }],
  ['a message', { channel: 'C0RELEASES1', ts: '1700000000.000100' }],
  ['a version with an id that is none', { approval: 'x'.repeat(5000), status: 'approved' }],
  ['a version that is none', { approval: { id: 1 }, status: 'approved' }],
])('never echoes %s, as fly check-resource --from would have it (C24)', async ([, version]) =>
  withGate(async (world) => {
    const [first] = await decided(world, yes);
    expect((await world.check(version)).json()).toEqual([first]);
  }),
);

describe.concurrent('fails, and reports nothing, when the listener does not confirm (C24):', () => {
  const given = { approval: 'a1b2c3d4', status: 'approved' };
  test.for<readonly [string, ListenerFault, string]>([
    ['no answer', 'reset', 'no answer from the listener at '],
    ['a failure', { status: 500 }, 'cannot answer now: HTTP 500 [LISTENER_FAILED]'],
    ['a login page', 'garbage', 'without an answer of the listener [LISTENER_FAILED]'],
    ['an empty answer', { status: 200 }, 'without an answer of the listener [LISTENER_FAILED]'],
    [
      'a token that may not read',
      { status: 403, code: 'forbidden', message: 'the token ci-main may not read' },
      'the token ci-main may not read [LISTENER_REFUSED]',
    ],
    [
      'an unknown gate',
      { status: 404, code: 'not_found', message: 'there is no gate "release"' },
      'there is no gate "release" [APPROVAL_REFUSED]',
    ],
  ])('%s', async ([, fault, line]) =>
    withGate(async ({ listener, check }) => {
      listener.fault(DECISIONS, fault, 9);
      const step = await check(given);
      expect(step.stderr).toContain(line);
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }),
  );

  test('no listener in the source', () =>
    withGate(async ({ check, source }) => {
      const step = await check(given, { source: source({ listener: undefined }) });
      expect(step.stderr).toContain('source.listener: required to check a gate [SOURCE_INVALID]');
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }));
});

describe('of a resource that is no gate', () => {
  test.for<readonly [string, object, boolean]>([
    ['an approval that the listener confirms', { status: 'approved' }, true],
    ['a pinned one', { status: 'approved', ref: 'v1.2.3' }, true],
    ['the request it came from', { status: 'requested' }, true],
    ['another status', { status: 'denied' }, false],
    ['an unknown approval', { approval: 'f0f0', status: 'approved' }, false],
    ['keys that no decision has', { status: 'approved', x: '1' }, false],
  ])('%s (C24)', async ([, change, echoed]) =>
    withGate(async (world) => {
      const [first] = await decided(world, yes);
      const version = { ...first, ...change };
      const step = await world.check(version, { source: world.source({ gate: undefined }) });
      expect(step.json()).toEqual(echoed ? [version] : []);
    }),
  );

  test('drops every approval when its source names no listener (C24)', () =>
    withGate(async ({ check, source, listener }) => {
      const options = { source: source({ gate: undefined, listener: undefined }) };
      expect((await check({ approval: 'a1', status: 'approved' }, options)).json()).toEqual([]);
      expect(listener.count()).toBe(0);
    }));
});
