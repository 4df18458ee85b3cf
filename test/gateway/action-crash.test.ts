import { describe, expect, test } from 'vitest';
import { createAuditChain } from '../../src/durable/audit.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import { beginLife, PHASES } from '../support/mortal.ts';
import type { KillPoint, Life } from '../support/mortal.ts';
import { bench } from './with-actions.ts';
import type { Bench } from './with-actions.ts';

const MINUTE = 60_000;

async function clickAndRun(world: Bench, value: string): Promise<void> {
  const id = await world.ask(value);
  if (id !== undefined) await world.press(id, 'run');
  await world.settle();
}

interface Aftermath {
  readonly life: Life;
  readonly calls: number;
  readonly reports: number;
  readonly status: string | undefined;
  readonly problems: readonly string[];
  /** How often the service was called once somebody has clicked the button again. */
  readonly callsAfterNextClick: number;
}

/** A person clicks and runs, the process dies at `at`, and another one goes on. */
async function crash(at?: KillPoint): Promise<Aftermath> {
  const life = beginLife(at);
  const [store, clock] = [memoryStore(), manualClock()];
  const before = bench({ store, clock, life });
  const value = before.button();
  await Promise.race([clickAndRun(before, value), life.death]);
  life.kill();
  const after = bench({ store, clock });
  // The leases of the dead run out, then its dialogs.
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(MINUTE);
    await after.settle();
  }
  const [record] = store.all().filter(({ kind }) => kind === 'action');
  const chain = createAuditChain(Buffer.alloc(32, 7));
  const problems = record ? chain.problems(record, await store.readAudit(record.id)) : [];
  const calls = before.calls.length + after.calls.length;
  const reports = before.reports.length + after.reports.length;
  await clickAndRun(after, value);
  const callsAfterNextClick = before.calls.length + after.calls.length;
  return { life, calls, reports, status: record?.status, problems, callsAfterNextClick };
}

describe('a process that dies while an action is run', async () => {
  const whole = await crash();
  const points = whole.life.calls.flatMap((name, index) =>
    PHASES.map((phase) => [`${phase} call ${index + 1}, ${name}`, { call: index + 1, phase }] as const),
  );

  test('would have run it once, and told so', () => {
    expect(whole).toMatchObject({ calls: 1, reports: 1, status: 'done', callsAfterNextClick: 1 });
    expect(points.length).toBeGreaterThan(50);
  });

  test.each(points)('%s: it is run once at most, told of, and nothing stays taken', async (_name, at) => {
    const { calls, reports, status, problems, callsAfterNextClick } = await crash(at);
    expect(calls).toBeLessThanOrEqual(1);
    expect(problems).toEqual([]);
    if (status === 'done' || status === 'unknown') {
      expect(reports).toBeGreaterThanOrEqual(1);
      expect(callsAfterNextClick).toBe(calls);
    } else {
      // It was never started: who clicks next runs it.
      expect([undefined, 'lapsed']).toContain(status);
      expect([calls, reports, callsAfterNextClick]).toEqual([0, 0, 1]);
    }
    if (calls === 1) expect(['done', 'unknown']).toContain(status);
  });
});
