import { describe, expect, test } from 'vitest';
import type { ApprovalsWorld } from '../support/approvals-world.ts';
import { ANA, BEN, CEM, ORIGIN, withApprovals } from '../support/approvals-world.ts';

const HOUR = 3_600_000;

type Act = (world: ApprovalsWorld, id: string) => Promise<unknown>;

/** What may come between a click on Approve and its decision, and what it makes of the request when it is first. */
const RIVALS: Readonly<Record<string, readonly [status: string, act: Act]>> = {
  deny: ['denied', (world, id) => clickOn(world, id, 'Deny', BEN)],
  withdraw: [
    'withdrawn',
    (world, id) => world.request('POST', `/v1/approvals/${id}/withdraw`, { origin: ORIGIN }),
  ],
  supersede: ['withdrawn', (world) => world.open({ subject: 'app' })],
  timeout: [
    'timed_out',
    async (world) => {
      world.clock.skip(HOUR + 5000);
      await world.engine().sweep();
    },
  ],
};

function clickOn(world: ApprovalsWorld, id: string, button: string, by: string) {
  const seen = world.cards().findLast(({ blocks }) => JSON.stringify(blocks).includes(`"${id}.`));
  if (seen === undefined) throw new Error('no card');
  return world.click(seen, button, by, { seen: structuredClone(seen) });
}

async function asked(world: ApprovalsWorld): Promise<string> {
  const { id } = await world.ask({ subject: 'app', timeout_seconds: 3600 });
  await world.quiet();
  return id;
}

/** Whatever won: the record, the card, the gate and the audit say the same. */
async function agrees(world: ApprovalsWorld, id: string): Promise<string> {
  await world.quiet();
  const status = String((await world.view(id))['status']);
  const icon = { approved: '✅', denied: '⛔', timed_out: '⌛', withdrawn: '↩️' }[status] ?? '?';
  const card = world.cards().find(({ blocks }) => JSON.stringify(blocks).includes(`#${id.slice(0, 6)}`));
  expect(card?.text.startsWith(icon)).toBe(true);
  expect(JSON.stringify(card?.blocks)).not.toContain('approval:deny');
  const gate = await world.store.read('gate/release');
  expect(JSON.stringify(gate?.data['decisions'])).toContain(`"approval":"${id}","status":"${status}"`);
  const audit = [
    ...(await world.store.readAudit(`approval/${id}`)),
    ...((await world.store.read(`approval/${id}`))?.audit.pending ?? []),
  ];
  const ends = new Set(
    audit
      .filter(({ entry }) => entry['status'] !== 'open')
      .map(({ seq, entry }) => `${seq} ${String(entry['event'])}`),
  );
  expect(ends.size).toBe(1);
  return status;
}

describe.each(Object.entries(RIVALS))('an approval racing a %s (A4)', (_name, [rival, act]) => {
  test('counts when it is first, and nothing else does', () =>
    withApprovals(async (world) => {
      const id = await asked(world);
      await clickOn(world, id, 'Approve', ANA);
      await act(world, id);
      expect(await agrees(world, id)).toBe('approved');
      expect((await world.claim(id)).status).toBe(200);
    }));

  test('changes nothing when it is second, and the person is told', () =>
    withApprovals(async (world) => {
      const id = await asked(world);
      const seen = structuredClone(world.cards()[0]);
      if (seen === undefined) throw new Error('no card');
      await act(world, id);
      await world.becomes(id, rival);
      const clicked = await world.click(seen, 'Approve', ANA, { seen });
      expect(await world.told(clicked)).toMatch(/Nothing changed/);
      expect(await agrees(world, id)).toBe(rival);
      expect((await world.claim(id)).status).toBe(409);
    }));

  test('at the same moment ends as one of the two, and everything says which', () =>
    withApprovals(async (world) => {
      const id = await asked(world);
      await Promise.all([clickOn(world, id, 'Approve', ANA), act(world, id)]);
      await world.quiet();
      expect(['approved', rival]).toContain(await agrees(world, id));
    }));

  test.each(['read', 'save'] as const)(
    'between its %s and the next step of the store ends as one of the two',
    (method) =>
      withApprovals(
        async (world) => {
          const id = await asked(world);
          if (!('next' in world.store)) throw new Error('not the store in memory');
          // The click is held in the store until its rival has been let in.
          let letIn: Promise<unknown> = Promise.resolve();
          world.store.next(method, () => {
            letIn = act(world, id);
            return new Promise((resolve) => setImmediate(resolve));
          });
          await clickOn(world, id, 'Approve', ANA);
          await letIn;
          await world.quiet();
          expect(['approved', rival]).toContain(await agrees(world, id));
        },
        { everyMs: 5000 },
      ),
  );
});

test('twenty clicks of three approvers at one moment are one decision with one line (S26, A3, C28)', () =>
  withApprovals(async (world) => {
    const { id, card } = await world.ask({ quorum: 2 });
    await world.quiet();
    const seen = structuredClone(card);
    const people = [ANA, BEN, CEM];
    const clicks = await Promise.all(
      Array.from({ length: 20 }, (_, at) => world.click(card, 'Approve', people[at % 3] ?? ANA, { seen })),
    );
    expect(clicks.every(({ status }) => status === 200)).toBe(true);
    await world.becomes(id, 'approved');
    await world.quiet();
    const { votes, approvers } = await world.view(id);
    expect(votes).toBe(2);
    expect(new Set(Array.isArray(approvers) ? approvers : []).size).toBe(2);
    expect(world.thread(card).filter((line) => line.startsWith('✅'))).toHaveLength(1);
    expect((await world.store.read('gate/release'))?.data['seq']).toBe(1);
  }));

test('a store that conflicts and is away between tries makes no vote count twice (A20)', () =>
  withApprovals(async (world) => {
    const { id, card } = await world.ask({ quorum: 2 });
    await world.quiet();
    if (!('next' in world.store)) throw new Error('not the store in memory');
    world.store.next('save', 'conflict', 'conflict', 'fail-after');
    await world.click(card, 'Approve', ANA);
    await world.quiet();
    expect(await world.view(id)).toMatchObject({ votes: 1, status: 'requested' });
    await world.click(card, 'Approve', ANA);
    expect(await world.view(id)).toMatchObject({ votes: 1, status: 'requested' });
  }));
