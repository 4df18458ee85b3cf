import { describe, expect, test } from 'vitest';
import { ANA, GROUP, ORIGIN, withApprovals } from '../support/approvals-world.ts';

const ID = 'a1b2c3d4e5f6a1b2c3d4e5f6';

const EVERY_ROUTE = [
  [
    'POST',
    '/v1/approvals',
    { gate: 'release', key: 'k', title: 'Ship?', wait: false, origin: ORIGIN },
    'open',
  ],
  ['GET', `/v1/approvals/${ID}`, undefined, 'read'],
  ['POST', `/v1/approvals/${ID}/detach`, { origin: ORIGIN }, 'open'],
  ['POST', `/v1/approvals/${ID}/withdraw`, { origin: ORIGIN }, 'open'],
  ['GET', '/v1/gates/release/decisions', undefined, 'read'],
  ['POST', '/v1/claims', { approval: ID, gate: 'release', origin: ORIGIN }, 'claim'],
] as const;

describe('every route of /v1', () => {
  test('knows its callers by their tokens', () =>
    withApprovals(async ({ request }) => {
      for (const [method, path, body] of EVERY_ROUTE)
        expect([path, await request(method, path, body, 'wrong')]).toMatchObject([
          path,
          {
            status: 401,
            body: { error: { code: 'unauthorized', message: 'the listener does not know this token' } },
          },
        ]);
    }));

  test('does only what the token may', () =>
    withApprovals(async ({ request }) => {
      for (const [method, path, body, may] of EVERY_ROUTE) {
        const { status, body: answer } = await request(method, path, body, 'reader');
        if (may === 'read') expect([path, status]).not.toEqual([path, 403]);
        else
          expect([path, status, answer]).toMatchObject([
            path,
            403,
            { error: { code: 'forbidden', message: `the token ci-reader may not ${may}` } },
          ]);
      }
    }));

  test('answers about what is not there, and about another team’s, alike (C25)', () =>
    withApprovals(async ({ request, ask }) => {
      const { id } = await ask();
      for (const [method, of] of [
        ['GET', ''],
        ['POST', '/detach'],
        ['POST', '/withdraw'],
      ] as const) {
        const body = method === 'POST' ? { origin: ORIGIN } : undefined;
        const unknown = await request(method, `/v1/approvals/${ID}${of}`, body, 'other');
        expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
        expect(await request(method, `/v1/approvals/${id}${of}`, body, 'other')).toEqual(unknown);
        expect((await request(method, `/v1/approvals/..%2Fgate${of}`, body)).status).toBe(404);
      }
    }));

  test('says all that is wrong with a body at once', () =>
    withApprovals(async ({ request, open }) => {
      const { status, body } = await open({
        key: '',
        quorum: 0,
        timeout_seconds: 'soon',
        chanel: 'C1',
        origin: { pipline: 'app' },
      });
      expect(status).toBe(400);
      const { message } = { message: '', ...(typeof body['error'] === 'object' ? body['error'] : {}) };
      for (const part of [
        'body.key',
        'body.quorum',
        'body.timeout_seconds',
        'body.chanel',
        'body.origin.pipline',
      ])
        expect(message).toContain(part);
      for (const text of ['', 'nonsense', '{', '[]', 'null', '"x"', '{}', '\u0000'])
        for (const [method, path] of EVERY_ROUTE.filter(([each]) => each === 'POST'))
          expect([path, text, (await request(method, path, text)).status]).toEqual([path, text, 400]);
    }));

  test('takes no body that is longer than it needs', () =>
    withApprovals(async ({ open }) => {
      expect((await open({ details: 'x'.repeat(300_000) })).status).toBe(413);
    }));
});

describe('opening', () => {
  test('is refused at a gate that is not there, or not this token’s, in the same words', () =>
    withApprovals(async ({ open }) => {
      const answers = [await open({ gate: 'nowhere' }), await open({ gate: 'secret' })];
      for (const [at, gate] of ['nowhere', 'secret'].entries())
        expect(answers[at]).toMatchObject({
          status: 404,
          body: { error: { code: 'not_found', message: `there is no gate "${gate}" for the token ci-main` } },
        });
    }));

  test('again with the same key and content finds the request, and asks nobody twice', () =>
    withApprovals(async ({ open, cards, quiet }) => {
      const first = await open({ key: 'k' });
      const again = await open({ key: 'k' });
      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.body['approval']).toBe(first.body['approval']);
      await quiet();
      expect(cards()).toHaveLength(1);
    }));

  test('twenty times at the same moment is one request with one card', () =>
    withApprovals(async ({ open, cards, quiet }) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => open({ key: 'k' })));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(new Set(answers.map(({ body }) => body['approval'])).size).toBe(1);
      await quiet();
      expect(cards()).toHaveLength(1);
    }));

  test('again with the same key and other content is refused', () =>
    withApprovals(async ({ open }) => {
      await open({ key: 'k' });
      expect(await open({ key: 'k', title: 'Ship something else?' })).toMatchObject({
        status: 409,
        body: { error: { code: 'conflict', message: 'this key has already asked for something else' } },
      });
    }));

  test('with another team’s key is a request of its own: nobody rides on another’s approval (C25)', () =>
    withApprovals(async ({ ask, open, click, becomes }) => {
      const { id, card } = await ask({ key: 'k', wait: true });
      await click(card, 'Approve', ANA);
      await becomes(id, 'approved');
      for (const [change, token] of [
        [{}, 'twin'],
        [{ origin: { ...ORIGIN, pipeline: 'other' } }, 'main'],
        [{ origin: { ...ORIGIN, team: 'other' } }, 'main'],
      ] as const) {
        const { status, body } = await open({ key: 'k', wait: true, ...change }, token);
        expect([status, body['status']]).toEqual([201, 'requested']);
        expect(body['approval']).not.toBe(id);
      }
    }));

  test('is refused when too few could approve, before anybody is asked (A12)', () =>
    withApprovals(async ({ open, cards, quiet }) => {
      expect(await open({ quorum: 4 })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid', message: '3 people could approve, 4 must (1 may not approve)' } },
      });
      expect(await open({ approvers: ['S0NOSUCH001'] })).toMatchObject({ status: 400 });
      expect(await open({ approvers: ['U0MYSELF001'] })).toMatchObject({ status: 400 });
      await quiet();
      expect(cards()).toEqual([]);
    }));

  test('is refused for what the policy does not give, all of it at once', () =>
    withApprovals(
      async ({ open }) => {
        const { status, body } = await open({ quorum: 1, timeout_seconds: 1, channel: 'C0PUBLIC001' });
        expect([status, body['error']]).toMatchObject([
          400,
          {
            message:
              "quorum: 1 is less than the gate's 2; timeout: this gate approves by timeout, so it cannot be shortened from 8h; channel: C0PUBLIC001 is none of the gate's (C0RELEASES1)",
          },
        ]);
      },
      { gates: { release: { quorum: 2, onTimeout: 'approve' } } },
    ));

  test('is not done while Slack does not say who could approve', () =>
    withApprovals(async ({ open, slack, store }) => {
      slack.fault('usergroups.users.list', { http: 503 }, 4);
      expect(await open()).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
      expect((await store.list({ kind: 'approval' })).records).toEqual([]);
    }));

  test('is not done while the store is away', () =>
    withApprovals(async ({ open, store }) => {
      if (!('next' in store)) throw new Error('not the store in memory');
      store.next('save', 'fail-before');
      expect(await open()).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    }));

  test('by a build that nobody started, or by somebody unknown, asks for one more (A10)', () =>
    withApprovals(async ({ open }) => {
      const { created_by: _, ...automatic } = ORIGIN;
      expect((await open({ origin: automatic })).body).toMatchObject({ quorum: 2 });
      expect((await open({ origin: { ...ORIGIN, created_by: 'stranger' } })).body).toMatchObject({
        quorum: 2,
      });
      expect((await open({ not_by: ['ghost', 'ghoul'] })).body).toMatchObject({ quorum: 3 });
    }));

  test('pings those whom it names by their address', () =>
    withApprovals(async ({ ask }) => {
      const { card } = await ask({ mention: ['ben@example.com', GROUP, 'nobody@example.com'] });
      expect(JSON.stringify(card.blocks)).toContain(`<@U0BEN000001> <!subteam^${GROUP}> nobody@example.com`);
    }));
});

describe('the long poll', () => {
  test('answers at once when the caller has not seen the newest', () =>
    withApprovals(async ({ ask, poll, clock }) => {
      const { id } = await ask();
      // Who waits for a moment waits for ever.
      clock.stop();
      for (const seen of [-1, 0, 'nonsense']) expect((await poll(id, seen)).status).toBe(200);
    }));

  test('answers in the moment when somebody decides, without another look (S26)', () =>
    withApprovals(async ({ ask, poll, click, view, clock, quiet }) => {
      const { id, card } = await ask();
      await quiet();
      const { revision } = await view(id);
      clock.stop();
      const others = clock.sleeping();
      const polls = Array.from({ length: 5 }, () => poll(id, revision));
      await expect.poll(() => clock.sleeping() - others).toBe(5);
      await click(card, 'Approve', ANA);
      const answers = await Promise.all(polls);
      expect(answers.map(({ body }) => body['status'])).toEqual(Array.from({ length: 5 }, () => 'approved'));
    }));

  test('ends after 25 s at the most, with what there is', () =>
    withApprovals(async ({ ask, request, view, clock, slack }) => {
      const { id } = await ask();
      const { revision } = await view(id);
      const sleeping = request('GET', `/v1/approvals/${id}?wait=9999&seen=${String(revision)}`);
      const turns = setInterval(() => clock.skip(1000), 20);
      try {
        expect((await sleeping).body).toMatchObject({ status: 'requested', revision });
      } finally {
        clearInterval(turns);
      }
      expect(slack.count('chat.postMessage')).toBe(1);
    }));
});
