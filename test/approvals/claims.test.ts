import { describe, expect, test } from 'vitest';
import { scopeDigest } from '../../src/approvals/scope.ts';
import type { ApprovalsWorld } from '../support/approvals-world.ts';
import { ANA, ORIGIN, withApprovals } from '../support/approvals-world.ts';

const HOUR = 3_600_000;

async function approved({ ask, click, becomes }: ApprovalsWorld, change = {}): Promise<string> {
  const { id, card } = await ask({ context: { version: '1.2.3' }, ...change });
  await click(card, 'Approve', ANA);
  await becomes(id, 'approved');
  return id;
}

const conflict = (message: string) => ({ status: 409, body: { error: { code: 'conflict', message } } });

describe('a claim', () => {
  test('passes when all that is expected is what was approved', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      expect(await world.claim(id, { expect: { version: '1.2.3' } })).toMatchObject({
        status: 200,
        body: {
          approval: id,
          status: 'approved',
          claimed_by: 'app/deploy #41',
          context: { version: '1.2.3' },
        },
      });
    }));

  test('names what differs from what was approved, and what was never said (C26)', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      expect(await world.claim(id, { expect: { version: '6.6.6', digest: 'sha256:1' } })).toMatchObject(
        conflict(
          'version is "6.6.6" here, approved was "1.2.3"; digest is "sha256:1" here, approved was nothing',
        ),
      );
      expect(await world.view(id)).not.toHaveProperty('claimed_by');
    }));

  test('is the first build’s, whichever claims at the same moment; the same build may repeat (C26)', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      const builds = Array.from({ length: 8 }, (_, at) => ({
        origin: { ...ORIGIN, build_id: `${at}`, build_name: `${at}` },
      }));
      const answers = await Promise.all(builds.map((build) => world.claim(id, build)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(answers.find(({ status }) => status !== 200)).toMatchObject(
        conflict(`the approval was used already, by app/release #${winner}`),
      );
      expect((await world.claim(id, builds[winner])).status).toBe(200);
    }));

  test('may be many builds’ where the gate says so', () =>
    withApprovals(
      async (world) => {
        const id = await approved(world);
        for (const build_id of ['1', '2', '3'])
          expect((await world.claim(id, { origin: { ...ORIGIN, build_id } })).status).toBe(200);
      },
      { gates: { release: { use: 'many' } } },
    ));

  test('is refused when the approval has run out (C26)', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      world.clock.skip(24 * HOUR);
      expect(await world.claim(id)).toMatchObject(conflict('the approval has run out'));
      await world.quiet();
      expect(await world.view(id)).toMatchObject({ status: 'expired' });
      expect(await world.claim(id)).toMatchObject(conflict('the approval has run out'));
    }));

  test('is refused of a request that is open, denied, timed out or superseded', () =>
    withApprovals(async (world) => {
      const open = await world.ask({ subject: 'app' });
      expect(await world.claim(open.id)).toMatchObject(conflict('it is not approved but still open'));
      const denied = await world.ask({ subject: 'app' });
      await world.becomes(open.id, 'withdrawn');
      expect(await world.claim(open.id)).toMatchObject(conflict('it is not approved but withdrawn'));
      await world.click(denied.card, 'Deny', ANA);
      await world.becomes(denied.id, 'denied');
      expect(await world.claim(denied.id)).toMatchObject(conflict('it is not approved but denied'));
      const late = await world.ask({ timeout_seconds: 60 });
      world.clock.skip(61_000);
      await world.becomes(late.id, 'timed_out');
      expect(await world.claim(late.id)).toMatchObject(conflict('it is not approved but timed out'));
    }));

  test('is refused of another gate, pipeline, team or instance (C25)', () =>
    withApprovals(
      async (world) => {
        const id = await approved(world);
        expect(await world.claim(id, { gate: 'second' })).toMatchObject(
          conflict('the decision is not of the gate second'),
        );
        const foreign = conflict('the decision was asked for by another pipeline, or another instance of it');
        for (const change of [{ pipeline: 'other' }, { team: 'other' }, { instance_vars: '{"env":"dev"}' }])
          expect(await world.claim(id, { origin: { ...ORIGIN, ...change } })).toMatchObject(foreign);
        expect(await world.view(id)).not.toHaveProperty('claimed_by');
      },
      { gates: { second: {} } },
    ));

  test('of a forged or another team’s approval is a 404, whether it exists or not (C24, C25)', () =>
    withApprovals(async ({ claim, ask, request }) => {
      const { id } = await ask();
      const asOther = (approval: string, gate: string) =>
        request('POST', '/v1/claims', { approval, gate, origin: ORIGIN }, 'other');
      const unknown = await asOther('0'.repeat(24), 'secret');
      expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
      expect(await asOther(id, 'secret')).toEqual(unknown);
      expect((await asOther(id, 'release')).status).toBe(404);
      for (const forged of ['x', '../../gate/release', 'a'.repeat(100), id.toUpperCase()])
        expect((await claim(forged)).status).toBe(404);
    }));

  test('without an answer of the store is a 503, and may be repeated', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      await world.quiet();
      if (!('next' in world.store)) throw new Error('not the store in memory');
      world.store.next('save', 'fail-after');
      const first = await world.claim(id);
      expect([200, 503]).toContain(first.status);
      expect((await world.claim(id)).status).toBe(200);
    }));
});

describe('an approval for the build that waits for it', () => {
  const waits = { wait: true, for_build: true };

  test('is claimed by that build alone, and reported by no check', () =>
    withApprovals(async (world) => {
      const id = await approved(world, waits);
      const listed = await approved(world);
      await world.quiet();
      const { body } = await world.request('GET', '/v1/gates/release/decisions', undefined, 'reader');
      expect(body['decisions']).toEqual([{ approval: listed, status: 'approved' }]);
      expect(await world.claim(id)).toMatchObject({
        status: 409,
        body: {
          error: {
            code: 'conflict',
            message: 'it was asked for by app/release #41, which waits for it',
            hint: expect.stringContaining('source.gate'),
          },
        },
      });
      expect(await world.view(id)).toMatchObject({ for_build: true, use: 'once' });
      expect(await world.claim(id, { origin: ORIGIN })).toMatchObject({
        status: 200,
        body: { claimed_by: 'app/release #41' },
      });
    }));

  test('asks Concourse for no check', () =>
    withApprovals(async (world) => {
      await approved(world, waits);
      await world.quiet();
      expect(world.poked).toEqual([]);
    }));

  test('is never said to have run out, on the card or in the thread, where it is used once', () =>
    withApprovals(
      async (world) => {
        const [once, many] = [await world.ask(waits), await world.ask({ ...waits, gate: 'many' })];
        for (const { id, card } of [once, many]) {
          await world.click(card, 'Approve', ANA);
          await world.becomes(id, 'approved');
        }
        await world.pass(25 * HOUR);
        await world.shows(many.card, 'Expired');
        await world.quiet();
        const card = await world.shows(once.card, '✅ Approved by');
        expect(JSON.stringify(card)).not.toMatch(/Expired|its time|valid until|not used/);
        expect(world.thread(once.card)).toEqual([expect.stringMatching(/^✅ Approved by /)]);
        expect(await world.claim(once.id, { origin: ORIGIN })).toMatchObject(
          conflict('the approval has run out'),
        );
      },
      { gates: { many: { use: 'many' } } },
    ));

  test('is refused where nobody waits', () =>
    withApprovals(async ({ open }) => {
      expect(await open({ for_build: true })).toMatchObject({
        status: 400,
        body: { error: { message: 'for_build: a request that nobody waits for is for no build' } },
      });
    }));
});

describe('a decision is told', () => {
  const read = ({ request }: ApprovalsWorld, id: string, query = '', token?: string) =>
    request('GET', `/v1/approvals/${id}${query}`, undefined, token);

  test('to the token that asked alone, unless another may read all (C25)', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      const unknown = await read(world, '0'.repeat(24), '', 'twin');
      expect(unknown.status).toBe(404);
      expect(await read(world, id, '', 'twin')).toEqual(unknown);
      expect(await read(world, id, '?wait=25&hold=true', 'twin')).toEqual(unknown);
      for (const token of ['main', 'reader'])
        expect(await read(world, id, '', token)).toMatchObject({ status: 200, body: { status: 'approved' } });
    }));

  test('where it was asked for: not to another team, pipeline or instance, unless they may read all (C14, C25)', () =>
    withApprovals(async (world) => {
      const origin = { ...ORIGIN, instance_vars: '{"env":"a"}' };
      const id = await approved(world, { origin });
      const at = (change: object) => `?scope=${scopeDigest({ ...origin, ...change })}`;
      expect((await read(world, id, at({ job: 'deploy', build_id: '9' }))).status).toBe(200);
      for (const change of [{ team: 'other' }, { pipeline: 'other' }, { instance_vars: '{"env":"b"}' }]) {
        expect(await read(world, id, at(change))).toMatchObject(
          conflict('the decision was asked for by another pipeline, or another instance of it'),
        );
        expect((await read(world, id, at(change), 'reader')).status).toBe(200);
      }
      expect((await read(world, id, '?scope=')).status).toBe(409);
    }));
});

describe('the decisions of a gate', () => {
  const list = async ({ request }: ApprovalsWorld, query = '', token?: string) =>
    request('GET', `/v1/gates/release/decisions${query}`, undefined, token);
  const ids = (answer: { body: Readonly<Record<string, unknown>> }) =>
    Array.isArray(answer.body['decisions'])
      ? answer.body['decisions'].map((each) => String(each.approval))
      : [];

  test('are those that are approved and not yet used, in their order', () =>
    withApprovals(async (world) => {
      const [a, b, c] = [await approved(world), await approved(world), await approved(world)];
      await world.quiet();
      expect(await list(world)).toMatchObject({
        status: 200,
        body: {
          gate: 'release',
          decisions: [{ approval: a, status: 'approved' }, { approval: b }, { approval: c }],
        },
      });
      expect(ids(await list(world, `?from=${b}`))).toEqual([b, c]);
      expect(ids(await list(world, '?from=forged'))).toEqual([a, b, c]);
      await world.claim(b);
      expect(ids(await list(world, `?from=${b}`))).toEqual([a, c]);
    }));

  test('are also others, where they are asked for', () =>
    withApprovals(async (world) => {
      const { id, card } = await world.ask();
      await world.click(card, 'Deny', ANA);
      await world.becomes(id, 'denied');
      await world.quiet();
      expect(ids(await list(world))).toEqual([]);
      expect(ids(await list(world, '?emit=denied,timed_out'))).toEqual([id]);
      expect(ids(await list(world, '?emit=nonsense'))).toEqual([]);
    }));

  test('are those of the token that asks, unless it may read all (C25)', () =>
    withApprovals(async (world) => {
      const id = await approved(world);
      await world.quiet();
      expect(ids(await list(world, '', 'twin'))).toEqual([]);
      expect(ids(await list(world, `?from=${id}`, 'twin'))).toEqual([]);
      expect(ids(await list(world))).toEqual([id]);
      expect(ids(await list(world, '', 'reader'))).toEqual([id]);
    }));

  test('are nobody’s whose token has not the gate', () =>
    withApprovals(async (world) => {
      expect(await list(world, '', 'other')).toMatchObject({
        status: 404,
        body: { error: { message: 'there is no gate "release" for the token ci-other' } },
      });
    }));
});
