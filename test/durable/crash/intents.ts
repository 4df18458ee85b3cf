import { AUDIT_KEY } from '../../../src/durable/core.ts';
import { dueAtOf } from '../../../src/durable/schedule.ts';
import type { Store, StoredRecord } from '../../../src/store/store.ts';
import { killPointsOf, runOnce } from './crash-test.ts';
import type { Scenario, Surroundings, Tamper } from './crash-test.ts';

/** Something that a write says must be done later: an effect or a timer by its key, or `audit` for entries to be stored. */
export interface Intent {
  readonly id: string;
  /** Of the write that says it; undefined for what every later write says again. */
  readonly version: number | undefined;
  readonly what: string;
}

/** Every intent of a run without a crash, in the order of the writes. */
export async function intentsOf<World extends Surroundings, Process>(
  scenario: Scenario<World, Process>,
): Promise<readonly Intent[]> {
  const intents: Intent[] = [];
  const known = new Map<string, ReadonlySet<string>>();
  const note = (record: StoredRecord) => {
    const said = saidBy(record);
    const before = known.get(record.id) ?? new Set();
    known.set(record.id, new Set(said.keys()));
    for (const [mark, what] of said) {
      const version = what === AUDIT_KEY ? undefined : record.version;
      const isNew = !intents.some(
        (each) => each.id === record.id && each.version === version && each.what === what,
      );
      if (!before.has(mark) && isNew) intents.push({ id: record.id, version, what });
    }
  };
  await runOnce(scenario, {
    tamper: (store) => ({
      ...store,
      save(record, once) {
        const answer = store.save(record, once);
        // Beside the answer, not before it: one turn later, and writers who compete would come in another order.
        void answer.then((came) => {
          if (came === 'saved') note(record);
        });
        return answer;
      },
    }),
  });
  return intents;
}

// By what tells one wish from the next: the generation of an effect, the number of an audit entry.
function saidBy({ effects, audit }: StoredRecord): ReadonlyMap<string, string> {
  return new Map([
    ...effects.map(({ key, generation }) => [`${key}#${generation}`, key] as const),
    ...audit.pending.map(({ seq }) => [`audit#${seq}`, 'audit'] as const),
  ]);
}

/** The intents that nobody would miss: with one of them left out of its write, every run still ends well. */
export async function unmissed<World extends Surroundings, Process>(
  scenario: Scenario<World, Process>,
  intents: readonly Intent[],
): Promise<readonly Intent[]> {
  const { calls } = await runOnce(scenario);
  // Most are missed when the process dies just after a save.
  const points = killPointsOf(calls).toSorted((a, b) => likely(calls, b) - likely(calls, a));
  const missing: Intent[] = [];
  for (const intent of intents) {
    let missed = false;
    for (const at of [undefined, ...points]) {
      const { problems } = await runOnce(scenario, { tamper: without(intent), ...(at && { at }) });
      missed = problems.some((problem) => !problem.endsWith('was never made'));
      if (missed) break;
    }
    if (!missed) missing.push(intent);
  }
  return missing;
}

function likely(
  calls: readonly string[],
  { call, phase }: { readonly call: number; readonly phase: string },
): number {
  return (phase === 'answered' ? 1 : 0) + (calls[call - 1] === 'store.save' ? 1 : 0);
}

function without({ id, version, what }: Intent): Tamper {
  const isIts = (record: StoredRecord) =>
    record.id === id && (version === undefined || record.version === version);
  return (store: Store) => ({
    ...store,
    save: (record, once) => store.save(isIts(record) ? less(record, what) : record, once),
  });
}

function less(record: StoredRecord, what: string): StoredRecord {
  if (what === 'audit') return { ...record, audit: { ...record.audit, pending: [] } };
  const effects = record.effects.filter(({ key }) => key !== what);
  return { ...record, effects, dueAt: dueAtOf(effects) };
}
