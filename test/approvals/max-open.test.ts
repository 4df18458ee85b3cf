import { describe, expect, test } from 'vitest';
import type { ApprovalsWorld } from '../support/approvals-world.ts';
import { ANA, ORIGIN, withApprovals } from '../support/approvals-world.ts';

type Change = Readonly<Record<string, unknown>>;

/** Opens `count` requests at once; how many were opened, by status. */
async function burst({ open }: ApprovalsWorld, count: number, change: Change = {}, token = 'main') {
  const answers = await Promise.all(Array.from({ length: count }, () => open(change, token)));
  return {
    ids: answers.flatMap(({ status, body }) => (status === 201 ? [String(body['approval'])] : [])),
    refused: answers.filter(({ status }) => status === 429).map(({ body }) => body['error']),
    others: answers.filter(({ status }) => status !== 201 && status !== 429),
  };
}

describe('a gate has no more open requests than it may', () => {
  test('across tokens, and says so in one line with a remedy', () =>
    withApprovals(
      async (world) => {
        const mine = await burst(world, 2);
        const others = await burst(world, 5, {}, 'twin');
        expect([mine.ids.length, others.ids.length]).toEqual([2, 1]);
        expect(others.refused).toHaveLength(4);
        expect(others.refused[0]).toEqual({
          code: 'too_many_open',
          message: 'the gate release has 3 open requests already, as many as it may',
          hint: 'have some decided or withdrawn, or let the operator raise its max_open: listener list --status open shows them',
        });
        expect(world.notOpened).toEqual(Array(4).fill('gate_full'));
        expect((await world.open({ gate: 'beside' })).status).toBe(201);
      },
      { gates: { release: { maxOpen: 3 }, beside: {} } },
    ));

  test('also when a hundred come at once to several replicas', () =>
    withApprovals(
      async (world) => {
        const { ids, refused, others } = await burst(world, 100, { wait: true });
        expect([ids.length, refused.length, others]).toEqual([7, 93, []]);
      },
      { gates: { release: { maxOpen: 7 } }, replicas: 3, store: 'memory' },
    ));

  test('and takes the next one as soon as one is decided, withdrawn or timed out', () =>
    withApprovals(
      async (world) => {
        const { ask, click, becomes, open, request, quiet, pass } = world;
        const { id, card } = await ask();
        expect((await open()).status).toBe(429);
        await click(card, 'Approve', ANA);
        await becomes(id, 'approved');
        await quiet();
        const second = await ask();
        expect((await open()).status).toBe(429);
        await request('POST', `/v1/approvals/${second.id}/withdraw`, { origin: ORIGIN });
        await quiet();
        const third = await ask({ timeout_seconds: 60 });
        expect((await open()).status).toBe(429);
        await pass(61_000);
        await becomes(third.id, 'timed_out');
        await quiet();
        expect((await open()).status).toBe(201);
      },
      { gates: { release: { maxOpen: 1, use: 'many' } } },
    ));
});

describe('a token has no more open requests than it may', () => {
  test('at all gates together, and other tokens have theirs', () =>
    withApprovals(
      async (world) => {
        expect((await burst(world, 2)).ids).toHaveLength(2);
        const { refused } = await burst(world, 1, { gate: 'beside' });
        expect(refused).toMatchObject([
          {
            code: 'too_many_open',
            message: 'the token ci-main has 2 open requests already, as many as it may',
          },
        ]);
        expect(world.notOpened).toEqual(['token_full']);
        expect((await world.open({}, 'twin')).status).toBe(201);
      },
      { gates: { release: {}, beside: {} }, maxOpen: 2 },
    ));

  test('and loses no place to a gate that was full', () =>
    withApprovals(
      async (world) => {
        await world.open({ gate: 'narrow' }, 'twin');
        for (let tries = 0; tries < 5; tries++)
          expect((await world.open({ gate: 'narrow' })).status).toBe(429);
        expect((await burst(world, 2)).ids).toHaveLength(2);
      },
      { gates: { release: {}, narrow: { maxOpen: 1 } }, maxOpen: 2 },
    ));
});

describe('of a full gate', () => {
  const full = { gates: { release: { maxOpen: 1 } } };

  test('a request that is open already is found again, whoever else is refused', () =>
    withApprovals(async ({ open }) => {
      const first = await open({ key: 'mine', wait: true });
      expect((await open()).status).toBe(429);
      const again = await open({ key: 'mine', wait: true });
      expect([again.status, again.body['approval']]).toEqual([200, first.body['approval']]);
    }, full));

  test('a newer request takes the place of the one that it supersedes, and no other', () =>
    withApprovals(async ({ open, becomes, quiet }) => {
      const first = await open({ subject: 'app' });
      expect((await open({ subject: 'api' })).status).toBe(429);
      expect((await open({ subject: 'app', supersede: false })).status).toBe(429);
      for (let count = 0; count < 5; count++) expect((await open({ subject: 'app' })).status).toBe(201);
      await becomes(String(first.body['approval']), 'withdrawn');
      await quiet();
      expect((await open()).status).toBe(429);
    }, full));

  test('the place of a request that was never opened is given back, as is that of one that is over', () =>
    withApprovals(async ({ open, store, clock }) => {
      if (!('next' in store)) throw new Error('not the store in memory');
      const done = () => undefined;
      // The places of token and gate are taken, the request is not saved.
      store.next('save', done, done, 'fail-before');
      expect((await open()).status).toBe(503);
      expect((await open()).status).toBe(429);
      clock.skip(61_000);
      expect((await open()).status).toBe(201);
    }, full));
});
