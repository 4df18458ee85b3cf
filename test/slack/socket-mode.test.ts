import { describe, expect, it } from 'vitest';
import { createHttp } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import type { Envelope, EnvelopeAnswer } from '../../src/slack/intake-envelopes.ts';
import { createSocketMode, socketUrl } from '../../src/slack/socket-mode.ts';
import type { SocketEvent, SocketMode } from '../../src/slack/socket-mode.ts';
import { createLines } from '../../src/slack/web-socket.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import { instantClock } from '../support/instant-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';

interface SocketWorld {
  readonly fake: FakeSlack;
  readonly sockets: SocketMode;
  readonly clock: ManualClock;
  readonly events: readonly SocketEvent[];
  readonly lines: readonly string[];
  /** The envelopes that were handled, oldest first. */
  readonly handled: readonly Envelope[];
  /** What handles the next envelopes; at first it acknowledges. */
  answer: (envelope: Envelope) => Promise<EnvelopeAnswer>;
  /** Clicks the button that stands in the channel. */
  readonly click: () => ReturnType<FakeSlack['click']>;
  /** Ids of the open connections. */
  readonly open: () => number[];
  /** Another process on the same app. */
  readonly another: () => SocketMode;
}

/** Gives a test an app in Socket Mode whose sockets are open; time passes only as the test says. */
async function withSockets(
  use: (world: SocketWorld) => Promise<void>,
  options: FakeSlackOptions & { readonly started?: boolean } = {},
): Promise<void> {
  const { started = true, ...seed } = options;
  const fake = await startFakeSlack(seed);
  fake.setSocketMode('listener');
  const clock = manualClock();
  const events: SocketEvent[] = [];
  const lines: string[] = [];
  const handled: Envelope[] = [];
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };
  const ports = { http: createHttp({}), clock: instantClock(), log };
  const slack = createSlack({ token: new Secret(fake.apps.listener.appToken), apiUrl: fake.apiUrl }, ports);
  const make = () =>
    createSocketMode({
      slack,
      apiUrl: fake.apiUrl,
      open: createLines({}),
      async deliver(envelope) {
        handled.push(envelope);
        return world.answer(envelope);
      },
      clock,
      log,
      observe: (event) => void events.push(event),
      random: () => 0.5,
    });
  const others: SocketMode[] = [];
  const world: SocketWorld = {
    fake,
    sockets: make(),
    clock,
    events,
    lines,
    handled,
    answer: async () => ({ acknowledge: true }),
    click: () => fake.click({ channel: 'releases', button: 'go', by: 'U0ALICE0001' }),
    open: () => fake.sockets.connections('listener').map(({ id }) => id),
    another() {
      const other = make();
      others.push(other);
      return other;
    },
  };
  await postButton(fake, ports.http);
  try {
    if (started) {
      world.sockets.start();
      await fake.when(() => world.sockets.live() === 2);
    }
    await use(world);
    fake.expectNoUnknown();
  } finally {
    await Promise.all([world.sockets, ...others].map((one) => one.close(0)));
    await fake.close();
  }
}

async function postButton(fake: FakeSlack, http: ReturnType<typeof createHttp>): Promise<void> {
  const clock = instantClock();
  const log = { info: () => undefined, warn: () => undefined };
  const token = new Secret(fake.apps.listener.token);
  const elements = [{ type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }];
  await createSlack({ token, apiUrl: fake.apiUrl }, { http, clock, log }).call(
    'chat.postMessage',
    { channel: 'C0RELEASES1', text: 'x', blocks: [{ type: 'actions', elements }] },
    'once',
  );
}

describe('the sockets', () => {
  it('are not asked for before they are started, and are two then', () =>
    withSockets(
      async ({ fake, sockets, open, events }) => {
        expect(fake.count('apps.connections.open')).toBe(0);
        sockets.start();
        sockets.start();
        await fake.when(() => sockets.live() === 2);
        expect(open()).toHaveLength(2);
        expect(fake.count('apps.connections.open')).toBe(2);
        expect(events).toEqual([
          { kind: 'live', count: 1 },
          { kind: 'live', count: 2 },
        ]);
      },
      { started: false },
    ));

  it('bring a click to its handler, and acknowledge it when that is done, not before (S15)', () =>
    withSockets(async (world) => {
      const saved = Promise.withResolvers<EnvelopeAnswer>();
      world.answer = () => saved.promise;
      const clicking = world.click();
      await world.fake.when(() => world.handled.length === 1);
      expect(world.fake.sockets.envelopes).toMatchObject([{ acknowledged: false }]);
      saved.resolve({ acknowledge: true, payload: { ignored: 'a click is answered with nothing' } });
      expect(await clicking).toMatchObject({ status: 200, body: '', warning: undefined });
      expect(world.handled).toMatchObject([
        { type: 'interactive', payload: { type: 'block_actions', actions: [{ action_id: 'go' }] } },
      ]);
    }));

  it('carry the answer of a command', () =>
    withSockets(async (world) => {
      world.answer = async () => ({ acknowledge: true, payload: { text: 'done' } });
      const sent = await world.fake.command({ command: '/access', channel: 'releases', by: 'U0ALICE0001' });
      expect(JSON.parse(sent.body)).toEqual({ text: 'done' });
    }));

  it('leave an event that failed without an acknowledgement, so that Slack repeats it (S16)', () =>
    withSockets(
      async (world) => {
        world.answer = async () => ({ acknowledge: false });
        world.click().catch(() => undefined);
        await world.fake.when(() => world.handled.length === 1);
        await world.fake.when(() => world.fake.warnings.length === 1);
        expect(world.fake.sockets.envelopes).toMatchObject([{ acknowledged: false }]);
      },
      { ackWithinMs: 50 },
    ));

  it('outlive an envelope whose handling fails, and texts that mean nothing', () =>
    withSockets(
      async (world) => {
        world.answer = () => Promise.reject(new Error('a bug'));
        await world.click();
        const [first = 0] = world.open();
        for (const text of ['', '{', '[]', 'null', '{"type":7}', '{"type":"news"}'])
          world.fake.sockets.sendRaw(first, text);
        world.answer = async () => ({ acknowledge: true });
        for (let click = 0; click < 8; click++) expect(await world.click()).toMatchObject({ status: 200 });
        expect(world.lines).toContain('warning: an envelope was not handled: a bug');
      },
      { ackWithinMs: 2000 },
    ));

  it('of several processes take each click in one of them, whichever it is (C29, S27)', () =>
    withSockets(async (world) => {
      const other = world.another();
      other.start();
      await world.fake.when(() => other.live() === 2);
      for (let click = 0; click < 20; click++) expect(await world.click()).toMatchObject({ status: 200 });
      expect(new Set(world.handled.map(({ id }) => id)).size).toBe(20);
      expect(world.handled).toHaveLength(20);
      const used = new Set(world.fake.sockets.envelopes.map(({ connection }) => connection));
      expect(used.size).toBe(4);
      expect(world.events).toContainEqual({ kind: 'shared', told: 4, ours: 2 });
      expect(world.lines.join('\n')).toContain('others answer clicks too');
    }));
});

describe('a socket that ends', () => {
  it('has a successor that said hello before it closes, and no click is lost (S39)', () =>
    withSockets(async (world) => {
      const before = world.open();
      const [first = 0] = before;
      world.fake.sockets.disconnect('warning', first);
      await world.fake.when(() => world.open().length === 3);
      await world.fake.when(() => world.sockets.live() === 3);
      for (let click = 0; click < 10; click++) expect(await world.click()).toMatchObject({ status: 200 });
      await world.clock.advance(10_000);
      await world.fake.when(() => !world.open().includes(first));
      expect(world.sockets.live()).toBe(2);
      for (let click = 0; click < 10; click++) expect(await world.click()).toMatchObject({ status: 200 });
      expect(world.fake.warnings).toEqual([]);
      expect(world.events).toContainEqual({ kind: 'ended', reason: 'warning' });
    }));

  it('leaves the others serving when Slack closes it at once', () =>
    withSockets(async (world) => {
      const [first = 0] = world.open();
      world.fake.sockets.disconnect('refresh_requested', first);
      for (let click = 0; click < 10; click++) expect(await world.click()).toMatchObject({ status: 200 });
      await world.fake.when(() => world.open().length === 2 && !world.open().includes(first));
      expect(world.handled).toHaveLength(10);
    }));

  it('is replaced when its connection is cut, after a pause that grows with each failure', () =>
    withSockets(async (world) => {
      await world.clock.advance(60_000);
      world.fake.fault('apps.connections.open', { error: 'internal_error' }, 12);
      const [first = 0, second = 0] = world.open();
      world.fake.sockets.drop(first);
      await world.fake.when(() => world.events.some(({ kind }) => kind === 'open_failed'));
      expect(world.open()).toEqual([second]);
      for (const pause of [375, 750]) {
        const asked = world.fake.count('apps.connections.open');
        await world.clock.advance(pause - 1);
        expect(world.fake.count('apps.connections.open')).toBe(asked);
        await world.clock.advance(1);
        await world.fake.when(() => world.fake.count('apps.connections.open') === asked + 4);
        await world.fake.when(() => world.clock.sleeping() > 1);
      }
      await world.clock.advance(1_500);
      await world.fake.when(() => world.sockets.live() === 2);
      expect(world.lines.filter((line) => line.includes('no socket to Slack'))).toHaveLength(3);
    }));

  it('without a word is noticed by the silence after a ping, and replaced (S39)', () =>
    withSockets(async (world) => {
      const [first = 0, second = 0] = world.open();
      world.fake.sockets.ping(first);
      await world.fake.when(() => world.fake.sockets.connections('listener')[0]?.pongs === 1);
      world.fake.sockets.deafen(first);
      await world.clock.advance(75_000);
      await world.fake.when(() => world.open().length === 3);
      expect(world.events).toContainEqual({ kind: 'ended', reason: 'silent' });
      await world.clock.advance(10_000);
      await world.fake.when(() => world.sockets.live() === 2);
      expect(world.open()).toContain(second);
    }));

  it('is not replaced while Slack pings it', () =>
    withSockets(async (world) => {
      const before = world.open();
      for (let round = 1; round <= 6; round++) {
        world.fake.sockets.ping();
        await world.fake.when(() =>
          world.fake.sockets.connections('listener').every(({ pongs }) => pongs === round),
        );
        await world.clock.advance(30_000);
      }
      expect(world.open()).toEqual(before);
    }));

  it('because Socket Mode was switched off is tried again after a while, with a word in the log', () =>
    withSockets(async (world) => {
      await world.clock.advance(60_000);
      world.fake.sockets.disconnect('link_disabled');
      await world.fake.when(() => world.sockets.live() === 0);
      await world.fake.when(() => world.lines.includes('warning: Slack ends a socket: link_disabled'));
      expect(world.fake.count('apps.connections.open')).toBe(2);
      await world.clock.advance(45_000);
      await world.fake.when(() => world.sockets.live() === 2);
    }));

  it('because the app has ten already is tried again after a while', () =>
    withSockets(async (world) => {
      const others = Array.from({ length: 4 }, () => world.another());
      for (const other of others) other.start();
      await world.fake.when(() => others.every((other) => other.live() === 2));
      const eleventh = world.another();
      eleventh.start();
      await world.fake.when(() => world.events.some(({ kind }) => kind === 'open_failed'));
      expect(eleventh.live()).toBe(0);
      expect(world.sockets.live()).toBe(2);
      expect(await world.click()).toMatchObject({ status: 200 });
    }));
});

describe('closing', () => {
  it('finishes and acknowledges what has come, and opens nothing more (S39)', () =>
    withSockets(async (world) => {
      const saved = Promise.withResolvers<EnvelopeAnswer>();
      world.answer = () => saved.promise;
      const clicking = world.click();
      await world.fake.when(() => world.handled.length === 1);
      let isClosed = false;
      const closing = world.sockets.close(5_000).then(() => (isClosed = true));
      await world.clock.advance(4_999);
      expect(isClosed).toBe(false);
      saved.resolve({ acknowledge: true });
      expect(await clicking).toMatchObject({ status: 200, warning: undefined });
      await closing;
      await world.fake.when(() => world.open().length === 0);
      expect(world.fake.count('apps.connections.open')).toBe(2);
      expect(world.sockets.live()).toBe(0);
    }));

  it('does not wait longer than it may', () =>
    withSockets(
      async (world) => {
        world.answer = () => new Promise(() => undefined);
        const clicking = world.click();
        await world.fake.when(() => world.handled.length === 1);
        const closing = world.sockets.close(5_000);
        await world.clock.advance(5_000);
        await closing;
        expect(await clicking).toMatchObject({ warning: expect.any(String) });
      },
      { ackWithinMs: 200 },
    ));

  it('ends the waiting for a next try too', () =>
    withSockets(
      async (world) => {
        world.fake.fault('apps.connections.open', { error: 'invalid_auth' }, 2);
        world.sockets.start();
        await world.fake.when(() => world.events.length === 2);
        expect(world.lines[0]).toMatch(/^warning: no socket to Slack, next try follows: .*invalid_auth/);
        await world.sockets.close(5_000);
        expect(world.clock.sleeping()).toBe(0);
      },
      { started: false },
    ));
});

describe('the address of a socket', () => {
  const SLACK = 'https://slack.com/api/';
  it.each([
    ['wss://wss-primary.slack.com/link/?ticket=1', SLACK],
    ['wss://cerberus-xxxx.lb.slack-msgs.com/websocket/1', SLACK],
    ['ws://127.0.0.1:8080/link', 'http://127.0.0.1:9090/api/'],
  ])('may be %s', (url, api) => {
    expect(socketUrl(url, api).href).toBe(url);
  });

  it.each([
    ['nothing', undefined, SLACK],
    ['no address', 'slack', SLACK],
    ['not encrypted', 'ws://wss-primary.slack.com/', SLACK],
    ["somebody else's", 'wss://slack.com.evil.example/', SLACK],
    ['of the network inside', 'ws://169.254.169.254/', SLACK],
    ['on another host than the configured API', 'ws://10.0.0.1/', 'http://127.0.0.1:9090/api/'],
  ])('may not be %s', (_, url, api) => {
    expect(() => socketUrl(url, api)).toThrow('not Slack');
  });
});
