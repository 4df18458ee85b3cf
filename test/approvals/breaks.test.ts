import { expect, test } from 'vitest';
import { ANA, withApprovals } from '../support/approvals-world.ts';
import type { ApprovalsWorld } from '../support/approvals-world.ts';
import { until } from '../support/gate.ts';
import { runStep, withTempDir } from '../support/step.ts';
import { BUILD } from '../support/world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const options = { notesBreaks: true, gates: { release: { unknownRequester: 'allow' } } } as const;

/** A put that waits, as a process, with the shortest `abandon_after` that there is; and the id of its request. */
async function waiting({ url }: ApprovalsWorld) {
  let said = '';
  const ended = withTempDir((dir) =>
    runStep(
      'out',
      {
        source: { listener: { url: url(), token: 'main' } },
        params: { approval: { gate: 'release', title: 'Ship?', abandon_after: '1m' } },
      },
      { dir, env: BUILD, onStderr: (text) => void (said = text) },
    ),
  );
  const id = () => /\(([0-9a-f]{24})\)/.exec(said)?.[1] ?? '';
  await until(() => id() !== '' && said.includes('waiting: 0 of 1'));
  return { id: id(), ended };
}

/** Time goes by for a listener that runs: it sweeps all the while. */
async function runs({ clock, engine }: ApprovalsWorld, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5 * SECOND) {
    clock.skip(5 * SECOND);
    await engine()
      .sweep()
      .catch(() => undefined);
  }
}

test('a put that waits outlives a listener that stood still for longer than every lease, and is then decided', () =>
  withApprovals(async (world) => {
    const { clock, engine, view, cards, click } = world;
    const { id, ended } = await waiting(world);
    // As after SIGSTOP and SIGCONT: everything that slept wakes at once, the timers before the put can ask again.
    for (const frozen of [75 * SECOND, 10 * MINUTE]) {
      clock.skip(frozen);
      await engine().sweep();
      expect(await view(id)).toMatchObject({ status: 'requested' });
    }
    const [card] = cards();
    await click(card ?? { channel: '', ts: '' }, 'Approve', ANA);
    const { code, stderr } = await ended;
    expect(stderr).toContain('approved by ana');
    expect(code).toBe(0);
  }, options));

test('a request whose put died while the listener stood still is withdrawn once it has served for long enough', () =>
  withApprovals(async (world) => {
    const { ask, clock, engine, view, becomes } = world;
    const { id } = await ask({ wait: true, abandon_after_seconds: 60 });
    clock.skip(10 * MINUTE);
    await engine().sweep();
    await runs(world, MINUTE - 5 * SECOND);
    expect(await view(id)).toMatchObject({ status: 'requested' });
    await runs(world, 70 * SECOND);
    await becomes(id, 'withdrawn');
  }, options));

test('a put that waits outlives a store that is away for longer than the put may be silent', () =>
  withApprovals(async (world) => {
    const { ask, request, store, view, becomes } = world;
    const { id } = await ask({ wait: true, abandon_after_seconds: 60 });
    const faults = Array.from({ length: 100_000 }, () => 'fail-before' as const);
    if (!('heal' in store)) throw new Error('not a store that can fail');
    for (const method of ['read', 'save', 'due'] as const) store.next(method, ...faults);
    await runs(world, 140 * SECOND);
    expect((await request('GET', `/v1/approvals/${id}?hold=true`)).status).toBe(503);
    store.heal();
    // The put is in the pause before its next try.
    await runs(world, 10 * SECOND);
    expect(await view(id)).toMatchObject({ status: 'requested' });
    await request('GET', `/v1/approvals/${id}?hold=true`);
    await runs(world, MINUTE);
    expect(await view(id)).toMatchObject({ status: 'requested' });
    await runs(world, 2 * MINUTE);
    await becomes(id, 'withdrawn');
  }, options));

test('a put that could not be heard, for a reason that this process does not see, has a last call', () =>
  withApprovals(async (world) => {
    const { ask, request, view, shows, clock } = world;
    const { id, card } = await ask({ wait: true, abandon_after_seconds: 60 });
    // Nobody polls: the replicas that take requests are away, while this one sweeps.
    await runs(world, 2 * MINUTE);
    await shows(card, '⏸ build stopped');
    await request('GET', `/v1/approvals/${id}?hold=true`);
    clock.skip(5 * SECOND);
    await runs(world, 80 * SECOND);
    expect(await view(id)).toMatchObject({ status: 'requested' });
  }, options));
