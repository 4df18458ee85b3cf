import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import type { Incoming, Outgoing, Route } from '../../src/kit/incoming.ts';
import { Secret } from '../../src/kit/secret.ts';
import { LONGEST_BODY } from '../../src/slack/form.ts';
import { payloadForm, signSlack } from '../support/sign-slack.ts';
import {
  clickPayload,
  commandFields,
  OWN_APP,
  stepEvent,
  submissionPayload,
} from '../support/slack-payloads.ts';
import { memory, OWN_SECRET, PIPELINE_SECRET, withIntake } from '../support/with-intake.ts';
import type { IntakeWorld } from '../support/with-intake.ts';

const seconds = (ahead: number) => String(Math.floor(Date.now() / 1000) + ahead);

/** Registers handlers for everything, and counts how often one was reached. */
function handleEverything({ intake }: IntakeWorld): { reached: number } {
  const count = { reached: 0 };
  const handler = async () => {
    count.reached += 1;
    return undefined;
  };
  intake.onAction('approval:', handler, { apps: ['own', 'pipeline'] });
  intake.onViewSubmission('approval:', handler);
  intake.onViewClosed('approval:', handler);
  intake.onShortcut('approval:', handler);
  intake.onCommand('/access', handler);
  intake.onFunction('aws_access', handler);
  return count;
}

function expectRefusal(answer: { status: number; text: string }): void {
  expect(isRefusal(answer)).toBe(true);
}

/** A status of 400 to 499 with one plain line, which tells nothing of the inside. */
function isRefusal({ status, text }: { status: number; text: string }): boolean {
  return status >= 400 && status < 500 && /^[a-zA-Z0-9 ,._-]+\n$/.test(text);
}

describe('a request', () => {
  it.each([
    ['of five minutes and a second ago', { timestamp: seconds(-302) }, 401],
    ['of a time to come (S13)', { timestamp: seconds(3600) }, 401],
    ['signed with another secret', { secret: 'guess' }, 401],
    ['signed with nothing (S13)', { secret: '' }, 401],
    ['signed with nothing at all', { headers: { 'x-slack-signature': undefined } }, 401],
    ['without its time', { headers: { 'x-slack-request-timestamp': undefined } }, 401],
    ['with a time that is no number', { timestamp: 'NaN' }, 401],
    [
      'with two signatures',
      { headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}, v0=${'1'.repeat(64)}` } },
      401,
    ],
    ['of type JSON', { headers: { 'content-type': 'application/json' } }, 415],
    ['of type text', { headers: { 'content-type': 'text/plain' } }, 415],
    [
      'of a type that begins alike',
      { headers: { 'content-type': 'application/x-www-form-urlencodedx' } },
      415,
    ],
    ['of two types', { headers: { 'content-type': 'text/plain, application/x-www-form-urlencoded' } }, 415],
  ])('%s is refused and does nothing', (_, change, status) =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const answer = await world.interact(world.click('approval:approve'), change);
      expectRefusal(answer);
      expect(answer.status).toBe(status);
      expect(count.reached).toBe(0);
    }),
  );

  it('whose body was changed by one byte after it was signed is refused', () =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const body = payloadForm(world.click('approval:approve'));
      const headers = signSlack(body, { secret: OWN_SECRET });
      const answer = await world.post('/slack/interactions', body.replace('ALICE', 'ALICF'), { headers });
      expect(answer).toMatchObject({ status: 401, text: 'the signature does not fit the body\n' });
      expect(count.reached).toBe(0);
    }));

  it('that is too long is refused before it is read', () =>
    withIntake(async (world) => {
      expect(await world.post('/slack/interactions', Buffer.alloc(LONGEST_BODY + 1, 'a'))).toMatchObject({
        status: 413,
      });
      const route = routeOf(world, '/slack/interactions');
      expect(await route.handle(incoming(route.path, Buffer.alloc(LONGEST_BODY + 1, 'a')))).toMatchObject({
        status: 413,
        body: 'the body is too long\n',
      });
    }));

  it.each([
    ['bytes that are not UTF-8', Buffer.from([...Buffer.from('payload='), 0xff, 0xfe])],
    ['two payloads', `${payloadForm({ type: 'a' })}&${payloadForm({ type: 'b' })}`],
    ['ssl_check beside a payload (S14)', `ssl_check=1&${payloadForm({ type: 'block_actions' })}`],
    ['a payload of one bracket', 'payload=%7B'],
    ['an incomplete click', payloadForm({ type: 'block_actions', user: { id: 'U0ALICE0001' } })],
  ])('with %s is refused, well signed as it is', (_, body) =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const answer = await world.post('/slack/interactions', body);
      expectRefusal(answer);
      expect(answer.status).toBe(400);
      expect(count.reached).toBe(0);
    }),
  );

  it('is not believed because of ssl_check, signed or not (S14)', () =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const unsigned = {
        headers: { 'x-slack-signature': undefined, 'x-slack-request-timestamp': undefined },
      };
      for (const path of ['/slack/interactions', '/slack/commands']) {
        const body = `ssl_check=1&${payloadForm(world.click('approval:approve', { trigger_id: path }))}`;
        expect(await world.post(path, body, unsigned)).toMatchObject({ status: 401 });
        expect(await world.post(path, body)).toMatchObject({ status: 400 });
      }
      expect(await world.post('/slack/interactions', 'ssl_check=1', unsigned)).toMatchObject({ status: 401 });
      expect(count.reached).toBe(0);
    }));

  it.each([
    ['no secret', []],
    ['an empty secret', ['']],
    ['a secret of white space', ['   ']],
  ])('is refused whatever it is signed with while there is %s (S13)', (_, secrets) =>
    withIntake(
      async (world) => {
        const count = handleEverything(world);
        for (const secret of ['', '   ', 'undefined', 'null'])
          expect(await world.interact(world.click('approval:approve'), { secret })).toMatchObject({
            status: 401,
            text: 'no signing secret is configured\n',
          });
        expect(count.reached).toBe(0);
      },
      {
        own: { appId: () => OWN_APP, secrets: () => secrets.map((secret) => new Secret(secret)) },
        pipeline: undefined,
      },
    ),
  );
});

describe('a replay', () => {
  it('is refused: each signature counts once (A9, C28)', () =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const body = payloadForm(world.click('approval:approve'));
      const headers = signSlack(body, { secret: OWN_SECRET });
      expect(await world.post('/slack/interactions', body, { headers })).toMatchObject({ status: 200 });
      for (const path of ['/slack/interactions', '/slack/interactions', '/slack/commands'])
        expect(await world.post(path, body, { headers })).toMatchObject({
          status: 409,
          text: 'this request came before\n',
        });
      expect(count.reached).toBe(1);
    }));

  it('of which many come in the same moment is handled once', () =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const body = payloadForm(world.click('approval:approve'));
      const headers = signSlack(body, { secret: OWN_SECRET });
      const all = await Promise.all(
        Array.from({ length: 20 }, () => world.post('/slack/interactions', body, { headers })),
      );
      expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(all.filter(({ status }) => status === 409)).toHaveLength(19);
      expect(count.reached).toBe(1);
    }));

  it('is still known after a restart, and to another process on the same store (A9)', async () => {
    const remember = memory();
    const body = payloadForm(submissionPayload('approval:reason'));
    const headers = signSlack(body, { secret: OWN_SECRET });
    const once = (status: number, reached: number) =>
      withIntake(
        async (world) => {
          const count = handleEverything(world);
          expect(await world.post('/slack/interactions', body, { headers })).toMatchObject({ status });
          expect(count.reached).toBe(reached);
        },
        { remember },
      );
    await once(200, 1);
    await once(409, 0);
  });

  it('is known to a handler that remembers it with what it changes, and changes nothing again', async () => {
    const remember = memory();
    const changed: string[] = [];
    const body = payloadForm(clickPayload('vote:approve'));
    const headers = signSlack(body, { secret: OWN_SECRET });
    const once = (status: number) =>
      withIntake(
        async ({ intake, post, events }) => {
          intake.onAction(
            'vote:',
            async (_, { once: { key, until, owner, ended } }) => {
              const isFirst = await remember(key, until, 0, owner);
              if (isFirst) changed.push(key);
              ended(isFirst ? 'kept' : 'repeated');
              return undefined;
            },
            { remembers: true },
          );
          expect(await post('/slack/interactions', body, { headers })).toMatchObject({ status });
          expect(events.some(({ kind }) => kind === 'replayed')).toBe(status === 409);
        },
        { remember },
      );
    await once(200);
    await once(409);
    expect(changed).toHaveLength(1);
  });

  it.each([
    ['changed nothing', async () => undefined],
    ['failed', () => Promise.reject(new Fault('STORE_UNAVAILABLE', 'the store is locked'))],
  ])('is remembered for a handler that %s', async (_, handler) => {
    const remembered: string[] = [];
    await withIntake(
      async ({ intake, interact, click }) => {
        intake.onAction('vote:', handler, { remembers: true });
        await interact(click('vote:approve'));
      },
      { remember: async (key) => remembered.push(key) > 0 },
    );
    expect(remembered).toEqual([expect.stringMatching(/^slack\/v0=/)]);
  });

  it('that came to another process before is a replay, also for a handler that had nothing to change', () =>
    withIntake(
      async ({ intake, interact, click, events }) => {
        intake.onAction('vote:', async () => undefined, { remembers: true });
        expect(await interact(click('vote:approve'))).toMatchObject({ status: 409 });
        expect(events).toContainEqual(expect.objectContaining({ kind: 'replayed' }));
      },
      { remember: async () => false },
    ));

  it('is remembered for as long as its signature could be valid', async () => {
    const untils: number[] = [];
    const timestamp = seconds(200);
    await withIntake(
      async (world) => {
        handleEverything(world);
        await world.interact(world.click('approval:approve'), { timestamp });
      },
      { remember: async (_, until) => untils.push(until) > 0 },
    );
    expect(untils).toEqual([(Number(timestamp) + 301) * 1000]);
  });
});

describe('ten thousand bodies', () => {
  const RUNS = 10_000;

  it('that were changed after they were signed are all refused, and do nothing (C28)', () =>
    withIntake(async (world) => {
      const count = handleEverything(world);
      const samples = signedSamples(world);
      const wrong: unknown[] = [];
      const random = generator(20_260_101);
      for (let run = 0; run < RUNS; run++) {
        const sample = samples[run % samples.length];
        if (sample === undefined) throw new Error('no sample');
        const body = mutate(sample.body, random);
        if (body.equals(sample.body)) continue;
        const answer = textual(await sample.route.handle(incoming(sample.route.path, body, sample.headers)));
        if (!isRefusal(answer)) wrong.push(answer);
      }
      expect(wrong).toEqual([]);
      expect(count.reached).toBe(0);
    }));

  it('that are signed and broken are read or refused, never stumbled over', () =>
    withIntake(async (world) => {
      handleEverything(world);
      const samples = signedSamples(world);
      const wrong: unknown[] = [];
      const random = generator(7);
      for (let run = 0; run < RUNS; run++) {
        const sample = samples[run % samples.length];
        if (sample === undefined) throw new Error('no sample');
        const body = run % 5 === 0 ? noise(random) : mutate(sample.body, random);
        const headers = { ...sample.headers, ...signSlack(body, { secret: OWN_SECRET }) };
        const answer = textual(await sample.route.handle(incoming(sample.route.path, body, headers)));
        if (answer.status !== 200 && !isRefusal(answer)) wrong.push(answer);
      }
      expect(wrong).toEqual([]);
      expect(world.events.filter(({ kind }) => kind === 'failed')).toEqual([]);
    }));

  it('that are signed JSON of any shape are read or refused, never stumbled over', () =>
    withIntake(async (world) => {
      handleEverything(world);
      const shape = fc.record(
        {
          type: fc.constantFrom(
            'block_actions',
            'view_submission',
            'shortcut',
            'event_callback',
            'x',
            '__proto__',
          ),
          user: fc.jsonValue(),
          team: fc.jsonValue(),
          actions: fc.jsonValue(),
          view: fc.jsonValue(),
          container: fc.jsonValue(),
          state: fc.record({ values: fc.jsonValue() }),
          api_app_id: fc.constantFrom(OWN_APP, 7, null),
          event: fc.jsonValue(),
          event_id: fc.jsonValue(),
        },
        { requiredKeys: ['type'] },
      );
      await fc.assert(
        fc.asyncProperty(shape, async (payload) => {
          for (const [path, body] of [
            ['/slack/interactions', payloadForm(payload)],
            ['/slack/events', JSON.stringify(payload)],
          ] as const) {
            const route = routeOf(world, path);
            const headers = { 'content-type': typeOf(path), ...signSlack(body, { secret: PIPELINE_SECRET }) };
            const own = { 'content-type': typeOf(path), ...signSlack(body, { secret: OWN_SECRET }) };
            for (const each of [headers, own]) {
              const answer = await route.handle(incoming(path, Buffer.from(body), each));
              expect([200, 400, 401, 403, 409]).toContain(answer.status);
            }
          }
        }),
        { numRuns: 500, seed: 3 },
      );
    }));
});

interface Sample {
  readonly route: Route;
  readonly body: Buffer;
  readonly headers: Record<string, string>;
}

function signedSamples(world: IntakeWorld): Sample[] {
  return [
    ['/slack/interactions', payloadForm(world.click('approval:approve'))] as const,
    ['/slack/interactions', payloadForm(submissionPayload('approval:reason'))] as const,
    ['/slack/commands', new URLSearchParams(commandFields('/access')).toString()] as const,
    ['/slack/events', JSON.stringify(stepEvent('Ev1'))] as const,
  ].map(([path, body]) => ({
    route: routeOf(world, path),
    body: Buffer.from(body),
    headers: { 'content-type': typeOf(path), ...signSlack(body, { secret: OWN_SECRET }) },
  }));
}

function textual({ status, body }: Outgoing): { status: number; text: string } {
  return { status, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

function routeOf({ intake }: IntakeWorld, path: string): Route {
  const route = intake.routes.find((one) => one.path === path);
  if (route === undefined) throw new Error(`no route ${path}`);
  return route;
}

function typeOf(path: string): string {
  return path === '/slack/events' ? 'application/json' : 'application/x-www-form-urlencoded';
}

function incoming(route: string, body: Buffer, headers: Record<string, string> = {}): Incoming {
  const { signal } = new AbortController();
  const type = { 'content-type': typeOf(route) };
  return {
    method: 'POST',
    route,
    params: {},
    query: new URLSearchParams(),
    headers: { ...type, ...headers },
    body,
    remote: '127.0.0.1',
    signal,
  };
}

/** Numbers from 0 to below 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Flips, cuts, repeats or puts in a few bytes. */
function mutate(body: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(body);
  const at = Math.floor(random() * bytes.length);
  const upTo = Math.min(bytes.length, at + 1 + Math.floor(random() * 20));
  switch (Math.floor(random() * 5)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(upTo)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, upTo), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), noise(random).subarray(0, 8), bytes.subarray(at)]);
  }
}

function noise(random: () => number): Buffer {
  const length = 1 + Math.floor(random() * 300);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
