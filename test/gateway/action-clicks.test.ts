import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { memoryStore } from '../support/memory-store.ts';
import { bench, DONE } from './with-actions.ts';
import type { Bench, BenchOptions } from './with-actions.ts';

const MINUTE = 60_000;

/** Clicks a button, and gives the id of the dialog. */
async function asked(world: Bench, value: string, by = 'U1', replica = 0): Promise<string> {
  const id = await world.ask(value, by, replica);
  if (id === undefined) throw new Error(`no dialog, but: ${world.told()}`);
  return id;
}

describe('a dialog', () => {
  test('lapses after 5 minutes, and runs nothing then', async () => {
    const world = bench();
    const id = await asked(world, world.button());
    await world.clock.advance(5 * MINUTE);
    await world.settle();
    expect(await world.status(id)).toBe('lapsed');
    expect(await world.press(id, 'run')).toBe(
      'This dialog stood for more than 5 minutes. Nothing was run. Click the button again.',
    );
    expect(world.calls).toEqual([]);
  });

  test('runs nothing after 5 minutes even where nobody has noticed the time', async () => {
    const world = bench();
    const value = world.button();
    const id = await asked(world, value);
    world.clock.freeze(5 * MINUTE);
    expect(await world.press(id, 'run')).toMatch(/more than 5 minutes/);
    await world.press(await asked(world, value, 'U2'), 'run', 'U2');
    await world.settle();
    expect(world.calls).toHaveLength(1);
  });

  test('runs in its last moment', async () => {
    const world = bench();
    const id = await asked(world, world.button());
    world.clock.freeze(5 * MINUTE - 1);
    await world.press(id, 'run');
    await world.settle();
    expect(await world.status(id)).toBe('done');
  });

  test('runs nothing for a person who has lost the right meanwhile', async () => {
    const rights = { ok: true };
    const world = bench({
      eligible: (name) =>
        Promise.resolve(rights.ok ? { ok: true, name } : { ok: false, reason: 'not_listed' }),
    });
    const id = await asked(world, world.button());
    rights.ok = false;
    expect(await world.press(id, 'run')).toBe('You may not run deploy. Nothing was run.');
    expect(world.refused).toEqual(['not_allowed']);
  });

  test('stays while Slack does not say who the person is, and runs when they click again', async () => {
    const slack = { down: false };
    const world = bench({
      eligible: (name) =>
        slack.down ? Promise.reject(new Error('hangs')) : Promise.resolve({ ok: true, name }),
    });
    const id = await asked(world, world.button());
    slack.down = true;
    await world.press(id, 'run');
    expect(world.told()).toBe('Slack did not say whether you may do this: click again. Nothing was run.');
    expect(await world.status(id)).toBe('asked');
    slack.down = false;
    await world.press(id, 'run');
    await world.settle();
    expect(world.calls).toHaveLength(1);
  });

  test('says what has become of it when it is pressed again', async () => {
    const world = bench();
    const id = await asked(world, world.button());
    await world.press(id, 'run');
    await world.settle();
    const over = /run already; what became of it is said in the thread\. Nothing more was run/;
    expect(await world.press(id, 'run')).toMatch(over);
    expect(await world.press(id, 'cancel')).toMatch(over);
    expect(await world.status(id)).toBe('done');
    expect(world.calls).toHaveLength(1);
  });

  test('is either cancelled or run when both are pressed at once', async () => {
    for (const order of [
      ['run', 'cancel'],
      ['cancel', 'run'],
    ] as const) {
      const world = bench();
      const value = world.button();
      const id = await asked(world, value);
      await Promise.all(order.map((button) => world.press(id, button)));
      await world.settle();
      const ran = (await world.status(id)) === 'done';
      expect(world.calls).toHaveLength(ran ? 1 : 0);
      expect((await world.ask(value, 'U2')) === undefined).toBe(ran);
    }
  });
});

describe('what a click takes', () => {
  const rate = { count: 1, perMs: MINUTE };

  test('is not the use of its button when it comes too often', async () => {
    const world = bench({ action: { rate } });
    await world.press(await asked(world, world.button()), 'run');
    const second = world.button();
    const id = await asked(world, second);
    expect(await world.press(id, 'run')).toBe(
      'deploy was run too often: try again in 60 s. Nothing was run.',
    );
    await world.clock.advance(MINUTE);
    await world.press(id, 'run');
    await world.settle();
    expect(world.calls).toHaveLength(2);
  });

  test('is nothing of the rate when its button is used, not even in the same moment', async () => {
    const world = bench({ action: { rate: { count: 2, perMs: MINUTE } } });
    const value = world.button();
    const [one, other] = [await asked(world, value), await asked(world, value, 'U2')];
    await Promise.all([world.press(one, 'run'), world.press(other, 'run', 'U2')]);
    await world.press(await asked(world, world.button()), 'run');
    await world.settle();
    expect(world.refused).toEqual(['used']);
    expect(world.calls).toHaveLength(2);
  });

  test('comes back when the listener ended between taking and running', async () => {
    let saves = 0;
    const store = memoryStore({
      around: (phase, method, key) => {
        // Of the record of the run the second save is that it was started.
        if (phase === 'before' && method === 'save' && key.startsWith('action/') && ++saves === 2)
          throw new Fault('STORE_UNAVAILABLE', 'it ended here');
      },
    });
    const world = bench({ store });
    const value = world.button();
    const id = await asked(world, value);
    await expect(world.press(id, 'run')).rejects.toThrow('it ended here');
    expect(await world.ask(value, 'U2')).toBeUndefined();
    expect(world.told()).toMatch(/works once/);
    await world.clock.advance(5 * MINUTE);
    await world.settle();
    await world.press(await asked(world, value, 'U2'), 'run', 'U2');
    await world.settle();
    expect(world.calls).toHaveLength(1);
  });

  test('is counted over all replicas', async () => {
    const world = bench({ replicas: 3, action: { once: false, rate: { count: 4, perMs: MINUTE } } });
    const value = world.button();
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => asked(world, value, `U${n}`, n % 3)));
    await pumped(world, Promise.all(ids.map((id, n) => world.press(id, 'run', `U${n}`, n % 3))));
    await world.settle();
    expect(world.calls).toHaveLength(4);
    expect(world.refused).toEqual(Array.from({ length: 8 }, () => 'too_often'));
  });

  test('is one use over all replicas', async () => {
    const world = bench({ replicas: 3 });
    const value = world.button();
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => asked(world, value, `U${n}`, n % 3)));
    await pumped(world, Promise.all(ids.map((id, n) => world.press(id, 'run', `U${n}`, n % 3))));
    await world.settle();
    expect(world.calls).toHaveLength(1);
    expect(world.reports).toHaveLength(1);
  });
});

describe('a call', () => {
  test('that ends too late is unknown, and is not made again (A2)', async () => {
    const world = bench({ call: hang });
    const id = await asked(world, world.button());
    await world.press(id, 'run');
    await world.clock.advance(50_000);
    await world.settle();
    expect(await world.status(id)).toBe('unknown');
    expect(world.reports.at(-1)).toMatch(/outcome unknown.*not answered within 50 s: it may have been done/);
    expect(world.calls).toHaveLength(1);
  });

  test.each([
    ['just before it is made', 0, false],
    ['while it is under way', 1, true],
  ])('of a process that is frozen past its lease %s is made no more (A2)', async (_when, calls, isBegun) => {
    const world = bench({ replicas: 2, call: hang });
    const id = await asked(world, world.button());
    await world.press(id, 'run');
    if (isBegun) await world.clock.advance(0);
    world.clock.freeze(121_000);
    await world.engines[1]?.sweep();
    await world.clock.advance(0);
    expect(await world.status(id)).toBe('unknown');
    // The first one wakes up: what it says now counts for nothing.
    await world.clock.advance(5 * MINUTE);
    await world.settle();
    expect(await world.status(id)).toBe('unknown');
    expect([world.calls.length, world.reports.length]).toEqual([calls, 1]);
  });

  test('is made by a worker where the click came to a process that takes clicks alone', async () => {
    const world = bench({ replicas: 2, intakeFirst: true });
    const value = world.button();
    const id = await asked(world, value);
    expect(await world.press(id, 'run')).toMatch(/^Running deploy/);
    expect(world.calls).toEqual([]);
    await world.engines[1]?.sweep();
    await world.settle();
    expect(await world.status(id)).toBe('done');
    expect([world.calls.length, world.reports.length]).toEqual([1, 1]);
    expect(await world.ask(value, 'U2')).toBeUndefined();
  });

  test('that changes nothing and ends too late has failed, and its button works again', async () => {
    const world = bench({ call: hang, action: { call: { method: 'GET', path: '/state' } } });
    const value = world.button();
    const id = await asked(world, value);
    await world.press(id, 'run');
    await world.clock.advance(50_000);
    await world.settle();
    expect(await world.status(id)).toBe('failed');
    expect(await world.ask(value, 'U2')).toBeDefined();
  });

  test('waits for a store that is away just before it, and is made once', async () => {
    let saves = 0;
    let failed = 0;
    const store = memoryStore({
      around: (phase, method, key) => {
        if (phase === 'after' && method === 'save' && key.startsWith('action/')) saves++;
        // The run is started: now its use is read again.
        if (phase !== 'before' || method !== 'read' || !key.startsWith('once/') || saves < 2) return;
        if (failed++ < 2) throw new Fault('STORE_UNAVAILABLE', 'locked');
      },
    });
    const world = bench({ store });
    const id = await asked(world, world.button());
    await world.press(id, 'run');
    for (let second = 0; second < 3; second++) {
      await world.clock.advance(1000);
      await world.settle();
    }
    expect(failed).toBeGreaterThan(2);
    expect(await world.status(id)).toBe('done');
    expect(world.calls).toHaveLength(1);
  });
});

test('whatever people do in whatever order, a button runs once, the rate holds, and nothing stays taken', async () => {
  const step = fc.record({
    what: fc.constantFrom('ask', 'run', 'run', 'cancel', 'wait'),
    button: fc.nat(2),
    dialog: fc.nat(8),
    user: fc.nat(2),
    together: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (story) => {
      const options: BenchOptions = { replicas: 2, action: { rate: { count: 2, perMs: 10 * MINUTE } } };
      const made: number[] = [];
      const world: Bench = bench({
        ...options,
        call: () => {
          made.push(world.clock.now());
          return Promise.resolve(DONE);
        },
      });
      const buttons = [world.button(), world.button(), world.button()];
      const dialogs: { id: string; user: string }[] = [];
      const open: Promise<unknown>[] = [];
      for (const [n, { what, button, dialog, user, together }] of story.entries()) {
        if (!together) await pumped(world, Promise.all(open.splice(0)));
        if (what === 'wait') await world.clock.advance(2 * MINUTE);
        else if (what === 'ask') {
          const id = await world.ask(buttons[button] ?? '', `U${user}`, n % 2);
          if (id !== undefined) dialogs.push({ id, user: `U${user}` });
        } else {
          const chosen = dialogs[dialog % Math.max(1, dialogs.length)];
          if (chosen) open.push(world.press(chosen.id, what, chosen.user, n % 2));
        }
        if (what === 'wait') await world.settle();
      }
      await pumped(world, Promise.all(open));
      await world.settle();
      const keys = world.calls.map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys).size).toBe(keys.length);
      for (const at of made)
        expect(made.filter((one) => one > at - 10 * MINUTE && one <= at).length).toBeLessThanOrEqual(2);
      // When all dialogs are over, a button is used only if it was run.
      await world.clock.advance(20 * MINUTE);
      await world.settle();
      const held = world.store.all().filter(({ kind, status }) => kind === 'once' && status === 'taken');
      expect(held).toHaveLength(keys.length);
    }),
    { numRuns: 60 },
  );
});

function hang(_call: unknown, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Lets the time pass while it runs: writers that meet wait for a moment. */
async function pumped<T>({ clock }: Bench, work: Promise<T>): Promise<T> {
  let over = false;
  const done = work.finally(() => (over = true));
  while (!over) await clock.advance(1);
  return done;
}
