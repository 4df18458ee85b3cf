import { describe, expect, it } from 'vitest';
import { createListener } from '../../src/approvals/client.ts';
import type { Listener } from '../../src/approvals/client.ts';
import { scopeDigest } from '../../src/approvals/scope.ts';
import { createHttp } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { waitForDecision } from '../../src/resource/wait-for-decision.ts';
import { startFakeListener } from '../fakes/listener/server.ts';
import type { FakeListener } from '../fakes/listener/server.ts';
import { instantClock } from '../support/instant-clock.ts';
import type { InstantClock } from '../support/instant-clock.ts';

interface InProcess {
  readonly fake: FakeListener;
  readonly listener: Listener;
  readonly clock: InstantClock;
  readonly lines: string[];
  readonly log: { info(line: string): void; warn(line: string): void };
  readonly signal: AbortSignal;
}

/** A fake listener and a client to it; waiting between tries takes no time. */
async function withListener(use: (world: InProcess) => Promise<void>): Promise<void> {
  const fake = await startFakeListener();
  const clock = instantClock();
  const lines: string[] = [];
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };
  const ports = { http: createHttp({}), clock, log, signal: new AbortController().signal };
  const listener = createListener({ url: fake.url, token: new Secret(fake.token) }, ports);
  try {
    await use({ ...ports, fake, listener, lines });
    fake.expectNoUnknown();
  } finally {
    await fake.close();
  }
}

const request = {
  gate: 'release',
  key: 'k',
  title: 'Ship?',
  wait: true,
  timeout_seconds: 3600,
  origin: { team: 'main', pipeline: 'app', build_id: '1' },
};
const OPEN = 'POST /v1/approvals';
const POLL = 'GET /v1/approvals/:id';

describe('a call to the listener', () => {
  it('is tried on for 30 s, with longer and longer pauses, and one line that says so', () =>
    withListener(async ({ fake, listener, clock, lines }) => {
      await fake.stop();
      const start = clock.now();
      await expect(listener.open(request)).rejects.toMatchObject({
        code: 'LISTENER_UNREACHABLE',
        message: expect.stringMatching(/^no answer from the listener at 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
        hint: expect.stringContaining('check that the listener runs'),
      });
      expect(clock.now() - start).toBeGreaterThan(20_000);
      expect(clock.now() - start).toBeLessThanOrEqual(30_500);
      expect(clock.sleeps.length).toBeLessThan(15);
      expect(lines).toEqual([expect.stringMatching(/; trying on for 30 s$/)]);
      await fake.start();
    }));

  it('of a check is given up after a second', () =>
    withListener(async ({ fake, listener, clock }) => {
      fake.fault('GET /v1/gates/:gate/decisions', { status: 503 }, 99);
      const start = clock.now();
      await expect(listener.decisions('release', ['approved'], undefined)).rejects.toMatchObject({
        code: 'LISTENER_FAILED',
      });
      expect(clock.now() - start).toBeLessThan(2000);
    }));

  it('waits as long as the listener asks for', () =>
    withListener(async ({ fake, listener, clock }) => {
      fake.fault(OPEN, { status: 429, retryAfter: 7 });
      await listener.open(request);
      expect(clock.sleeps[0]).toBeGreaterThan(5000);
    }));

  it('tells an approval that is not there from one that is', () =>
    withListener(async ({ fake, listener }) => {
      expect(await listener.find('f0f0')).toBeUndefined();
      const { approval } = await listener.open(request);
      expect(await listener.find(approval)).toMatchObject({ approval, status: 'requested', quorum: 1 });
      expect(fake.count(POLL)).toBe(2);
    }));

  it('says where it finds an approval, and is refused elsewhere than where it was asked for (C25)', () =>
    withListener(async ({ fake, listener }) => {
      const { approval } = await listener.open(request);
      const here = scopeDigest(request.origin);
      expect(await listener.find(approval, here)).toMatchObject({ approval });
      const there = scopeDigest({ ...request.origin, instance_vars: '{"env":"b"}' });
      await expect(listener.find(approval, there)).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
      expect(fake.requests.at(-1)?.path).toBe(`/v1/approvals/${approval}?scope=${there}`);
    }));

  it('takes a 404 of somebody else not for the listener’s', () =>
    withListener(async ({ fake, listener }) => {
      fake.fault(POLL, { status: 404 });
      await expect(listener.find('f0f0')).rejects.toMatchObject({ code: 'LISTENER_FAILED' });
    }));

  it('keeps an id in its place of the path', () =>
    withListener(async ({ fake, listener }) => {
      expect(await listener.find('../gates/release/decisions?x=1')).toBeUndefined();
      expect(fake.requests.map(({ path }) => path)).toEqual([
        '/v1/approvals/..%2Fgates%2Frelease%2Fdecisions%3Fx%3D1',
      ]);
    }));
});

const again = () => Promise.reject(new Error('nothing was lost'));

describe('waiting for a decision', () => {
  it('ends when the request must have ended and the listener is still away', () =>
    withListener(async ({ fake, listener, ...ports }) => {
      const opened = await listener.open(request);
      await fake.stop();
      const start = ports.clock.now();
      await expect(waitForDecision(opened, listener, { ...ports, again })).rejects.toMatchObject({
        code: 'LISTENER_UNREACHABLE',
        message: expect.stringMatching(/; the request ended at .* UTC without a word about it$/),
      });
      const waited = (ports.clock.now() - start) / 60_000;
      expect(waited).toBeGreaterThan(65);
      expect(waited).toBeLessThan(66);
      expect(ports.lines.filter((line) => line.includes('no answer'))).toHaveLength(1);
      await fake.start();
    }));

  it('says now and then that it still waits', () =>
    withListener(async ({ fake, listener, ...ports }) => {
      const opened = await listener.open(request);
      // Somebody in between answers long polls at once: no more than one a second is asked.
      const hasty: Listener = {
        ...listener,
        hold: (approval) => listener.find(approval).then((view) => view ?? opened),
      };
      const ended = waitForDecision(opened, hasty, { ...ports, again });
      await expect.poll(() => ports.lines.length).toBeGreaterThan(2);
      fake.decide(fake.last(), { status: 'approved', by: ['Ana'] });
      await expect(ended).resolves.toMatchObject({ status: 'approved', approvers: ['Ana'] });
      expect(ports.lines[0]).toMatch(/^waiting: 0 of 1, until .* UTC, card: https/);
      expect(ports.lines[1]).toMatch(/^still waiting: 0 of 1, until /);
      expect(Math.min(...ports.clock.sleeps)).toBeGreaterThan(0);
      const polls = ports.clock.sleeps.length;
      const seconds = ports.clock.sleeps.reduce((sum, ms) => sum + ms, 0) / 1000;
      expect(seconds / polls).toBeGreaterThan(0.9);
    }));
});
