import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  record,
} from 'fast-check';
import type { WeightedArbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeWorld } from './model-world.ts';
import type { Step } from './model-world.ts';

const send = record({
  do: constant('send' as const),
  process: nat(1),
  job: nat(2),
  keys: array(
    record({
      name: constantFrom('mail', 'note', 'post', 'bell'),
      inMs: oneof(constant(0), nat(200_000)),
      shared: boolean(),
    }),
    { maxLength: 3 },
  ),
  audit: boolean(),
});
const pass = record({ do: constant('pass' as const), ms: oneof(nat(3000), nat(300_000)) });
const fault = record({
  do: constant('fault' as const),
  method: constantFrom('read' as const, 'save' as const, 'due' as const, 'putAudit' as const),
  fault: constantFrom('fail-before' as const, 'fail-after' as const, 'conflict' as const),
});
const crash = record({ do: constant('crash' as const), process: nat(1) });

const fails = array(boolean(), { minLength: 1, maxLength: 6 }).filter((all) => all.includes(false));

function steps(...more: readonly WeightedArbitrary<Step>[]) {
  return array<Step>(oneof({ weight: 3, arbitrary: send }, { weight: 3, arbitrary: pass }, ...more), {
    minLength: 1,
    maxLength: 25,
  });
}

async function holds(processes: 1 | 2, script: readonly Step[], failing: readonly boolean[]): Promise<void> {
  const world = makeWorld({ processes, fails: failing });
  await world.play(script);
  expect(await world.problems()).toEqual([]);
}

const RUNS = { numRuns: 300 };

describe('no acknowledged event is lost, and each effect is done', () => {
  test.for([1, 2] as const)('exactly once by %i processes, whatever the store does', (processes) =>
    assert(
      asyncProperty(steps({ weight: 2, arbitrary: fault }), fails, (script, failing) =>
        holds(processes, script, failing),
      ),
      RUNS,
    ),
  );

  test.for([1, 2] as const)('at least once by %i processes that crash', (processes) =>
    assert(
      asyncProperty(
        steps({ weight: 1, arbitrary: fault }, { weight: 1, arbitrary: crash }),
        fails,
        (script, failing) => holds(processes, script, failing),
      ),
      RUNS,
    ),
  );
});
