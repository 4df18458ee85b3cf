import { messageOf } from '../../../src/kit/fault.ts';
import type { Store } from '../../../src/store/store.ts';
import { settled } from '../../support/manual-clock.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { beginLife, PHASES } from '../../support/mortal.ts';
import type { KillPoint, Life } from '../../support/mortal.ts';

/** What no crash reaches: the store, the services, the people, the time. */
export interface Surroundings {
  readonly clock: ManualClock;
}

/**
 * What the outside does: something with the process, done again with the next one if this one dies of it; nothing for a
 * while; or nothing until it sees something.
 */
export type Step<World, Process> =
  | ((process: Process, world: World) => Promise<void>)
  | { readonly pass: number }
  | { readonly until: (world: World) => boolean };

export interface Scenario<World extends Surroundings, Process> {
  /** Made anew for each run. */
  readonly world: () => World;
  /** Starts a process whose every port comes through `life`, and whose store comes through `tamper` first. */
  readonly start: (world: World, life: Life, tamper: Tamper) => Promise<Process>;
  readonly steps: readonly Step<World, Process>[];
  /** Whether nothing is left to be done. */
  readonly quiet: (world: World) => boolean;
  /** What is not as it was promised, at the end. */
  readonly problems: (world: World) => Promise<readonly string[]>;
}

/** Stands between a process and its store. */
export type Tamper = (store: Store) => Store;

export interface CrashReport {
  /** How many times a process was killed. */
  readonly killPoints: number;
  /** The calls of the run that nobody killed. */
  readonly calls: readonly string[];
  /** `store.save 3 unanswered: what was wrong`. */
  readonly problems: readonly string[];
}

const SLICE_MS = 5000;
const LONGEST_MS = 1_800_000;

/**
 * Runs the scenario once to count the calls of the ports, then kills the process before, during and after each of them,
 * starts another one, waits until all is quiet, and looks.
 */
export async function crashTest<World extends Surroundings, Process>(
  scenario: Scenario<World, Process>,
): Promise<CrashReport> {
  const whole = await runOnce(scenario);
  const problems = whole.problems.map((problem) => `without a crash: ${problem}`);
  let killPoints = 0;
  for (const point of killPointsOf(whole.calls)) {
    killPoints++;
    const { problems: found } = await runOnce(scenario, { at: point });
    const name = `${whole.calls[point.call - 1]} (call ${point.call}) ${point.phase}`;
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  return { killPoints, calls: whole.calls, problems };
}

/** Every point at which the process of a run can die. */
export function killPointsOf(calls: readonly string[]): readonly KillPoint[] {
  return calls.flatMap((_, index) => PHASES.map((phase) => ({ call: index + 1, phase })));
}

export interface RunOptions {
  readonly at?: KillPoint;
  readonly tamper?: Tamper;
}

/** One run: the first process dies at `at`, those after it live. */
export async function runOnce<World extends Surroundings, Process>(
  scenario: Scenario<World, Process>,
  { at, tamper = (store) => store }: RunOptions = {},
): Promise<{ readonly calls: readonly string[]; readonly problems: readonly string[] }> {
  const world = scenario.world();
  const lives: Life[] = [];
  let current: { readonly life: Life; readonly process: Process } | undefined;

  const living = async () => {
    while (current === undefined || current.life.dead) {
      const life = beginLife(lives.length === 0 ? at : undefined);
      lives.push(life);
      const process = await unlessDead(scenario.start(world, life, tamper), life);
      if (process !== undefined) current = { life, process: process.value };
    }
    return current;
  };

  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= SLICE_MS) {
      await living();
      await world.clock.advance(Math.min(left, SLICE_MS));
    }
  };

  const act = async (step: Step<World, Process>) => {
    if (typeof step === 'function') {
      for (let done = false; !done; ) {
        const { life, process } = await living();
        done = (await unlessDead(step(process, world), life)) !== undefined;
      }
    } else if ('pass' in step) await pass(step.pass);
    else {
      for (let ms = 0; ms < LONGEST_MS && !step.until(world); ms += SLICE_MS) await pass(SLICE_MS);
      if (!step.until(world)) throw new Error('what was waited for never came');
    }
  };

  const failures: string[] = [];
  try {
    for (const step of scenario.steps) await act(step);
  } catch (error) {
    failures.push(messageOf(error));
  }
  for (let ms = 0; ms === 0 || (ms < LONGEST_MS && !scenario.quiet(world)); ms += 60_000) await pass(60_000);

  const last = await living();
  const unused = at !== undefined && lives.length === 1 ? [`call ${at.call} was never made`] : [];
  const problems = [
    ...failures,
    ...unused,
    ...(scenario.quiet(world) ? [] : ['it never came to rest']),
    ...(await scenario.problems(world)),
  ];
  last.life.kill();
  return { calls: lives[0]?.calls ?? [], problems };
}

// What a process still says when it dies is heard.
async function unlessDead<Value>(work: Promise<Value>, life: Life): Promise<{ value: Value } | undefined> {
  return Promise.race([work.then((value) => ({ value })), life.death.then(settled).then(() => undefined)]);
}
