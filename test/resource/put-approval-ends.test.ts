import { describe, expect, test } from 'vitest';
import type { FakeDecision } from '../fakes/listener/approval.ts';
import type { ListenerFault } from '../fakes/listener/server.ts';
import { until, withGate } from '../support/gate.ts';

const ask = { approval: { title: 'Ship 1.2.3?' } };
const TIME = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC';

describe.concurrent('a request that is not approved fails the step with one line that says who, when and why:', () => {
  test.for<readonly [FakeDecision, string, string]>([
    [
      { status: 'denied', by: ['Ben'], reason: 'tests are red' },
      `gate release: "Ship 1\\.2\\.3\\?" was denied by Ben at ${TIME}: "tests are red"`,
      'APPROVAL_DENIED',
    ],
    [
      { status: 'timed_out', note: 'treated as denied' },
      `gate release: "Ship 1\\.2\\.3\\?" was not decided by ${TIME}: treated as denied`,
      'APPROVAL_TIMED_OUT',
    ],
    [
      { status: 'withdrawn', note: 'superseded by a newer request' },
      `gate release: "Ship 1\\.2\\.3\\?" was withdrawn at ${TIME}: superseded by a newer request`,
      'APPROVAL_WITHDRAWN',
    ],
    [
      { status: 'withdrawn', note: 'the card could not be posted to C1: not_in_channel' },
      `gate release: "Ship 1\\.2\\.3\\?" was withdrawn at ${TIME}: the card could not be posted to C1: not_in_channel`,
      'APPROVAL_WITHDRAWN',
    ],
    [
      { status: 'expired' },
      'gate release: "Ship 1\\.2\\.3\\?" was approved, and that has expired',
      'APPROVAL_EXPIRED',
    ],
  ])('%j', async ([decision, line, code]) =>
    withGate(async ({ listener, put }) => {
      const ended = put(ask);
      await until(() => listener.approvals.length > 0 && listener.last().holding === 1);
      listener.decide(listener.last(), decision);
      const step = await ended;
      expect(step.stderr).toMatch(new RegExp(`put: ${line} \\[${code}\\]`));
      expect(step.stderr).toMatch(/\n {2}hint: \S/);
      expect(step).toMatchObject({ code: 1, stdout: '' });
    }),
  );
});

describe.concurrent('a listener that says no ends the step at once:', () => {
  const unauthorized = 'the listener refuses to ask for an approval: the token is not known';
  test.for<readonly [string, ListenerFault, string]>([
    [
      'unknown gate',
      { status: 404, code: 'not_found', message: 'gate release is unknown' },
      'the listener refuses to ask for an approval: gate release is unknown [APPROVAL_REFUSED]',
    ],
    [
      'another request with that key',
      { status: 409, code: 'conflict', message: 'this key asked something else' },
      'the listener refuses to ask for an approval: this key asked something else [APPROVAL_REFUSED]',
    ],
    [
      'invalid',
      { status: 400, code: 'invalid', message: 'quorum is lower than the gate’s' },
      'the listener refuses to ask for an approval: quorum is lower than the gate’s [APPROVAL_REFUSED]',
    ],
    ['unknown token', { status: 401, code: 'unauthorized', message: 'the token is not known' }, unauthorized],
    [
      'a token that may not',
      { status: 403, code: 'forbidden', message: 'token ci-main may not open at release' },
      'the listener refuses to ask for an approval: token ci-main may not open at release [LISTENER_REFUSED]',
    ],
    [
      'somebody else who forbids',
      { status: 403 },
      'the listener refuses to ask for an approval: HTTP 403 [LISTENER_REFUSED]',
    ],
    [
      'a web server',
      { status: 404 },
      'answered HTTP 404 without an answer of the listener [LISTENER_FAILED]',
    ],
    ['a redirect', { status: 302 }, 'answered HTTP 302 without an answer of the listener [LISTENER_FAILED]'],
    ['a login page', 'garbage', 'answered HTTP 200 without an answer of the listener [LISTENER_FAILED]'],
  ])('%s', async ([, fault, line]) =>
    withGate(async ({ listener, put }) => {
      listener.fault('POST /v1/approvals', fault);
      const step = await put(ask);
      expect(step.stderr).toContain(line);
      expect(step.stderr).toMatch(/\n {2}hint: \S/);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(listener.count()).toBe(1);
    }),
  );
});

test('a gate that the source names and the listener does not know stays closed', () =>
  withGate(async ({ put, source }) => {
    const step = await put(ask, { source: source({ gate: 'relaese' }) });
    expect(step.stderr).toContain('gate relaese is unknown [APPROVAL_REFUSED]');
  }));

test('a wrong token is told without the token', () =>
  withGate(async ({ listener, put, source }) => {
    const step = await put(ask, {
      source: source({ listener: { url: listener.url, token: 'sensitive-other-token' } }),
    });
    expect(step.stderr).toContain('the token is not known [LISTENER_REFUSED]');
    expect(step.stderr).toContain('  hint: check source.listener.token');
    expect(step.stderr).not.toContain('sensitive');
  }));

const LOST = { status: 404, code: 'not_found', message: 'no approval a1b2c3d4' } as const;

test('a request that the listener has lost, as after a restore, is asked anew', () =>
  withGate(async ({ listener, put }) => {
    listener.fault('GET /v1/approvals/:id', LOST);
    const ended = put(ask);
    await until(() => listener.approvals.length > 0 && listener.last().holding === 1);
    listener.decide(listener.last(), { status: 'approved', by: ['Ana'] });
    const step = await ended;
    expect(step.code).toBe(0);
    expect(step.stderr).toContain('the listener does not know the request any more');
    expect(listener.count('POST /v1/approvals')).toBe(2);
  }));

test('a request that the listener loses again and again ends the wait', () =>
  withGate(async ({ listener, put }) => {
    listener.fault('GET /v1/approvals/:id', LOST, 20);
    const step = await put(ask);
    expect(step.stderr).toContain('no approval a1b2c3d4 [APPROVAL_REFUSED]');
    expect(step.code).toBe(1);
  }));
