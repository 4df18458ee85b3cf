import { Fault, messageOf } from '../kit/fault.ts';
import type { StoredEffect } from '../store/store.ts';
import type { Core } from './core.ts';
import type { Draft } from './draft.ts';
import { ended } from './ended.ts';
import { laneOf, ruleName } from './machine.ts';
import type { Machine, Snapshot } from './machine.ts';
import { runEffect } from './run-effect.ts';
import type { Ending } from './run-effect.ts';
import { FAILING_AFTER } from './schedule.ts';

/** Reads, changes and saves until no other writer was faster; stops when `act` has nothing to change. */
export type Persist<Data> = (
  id: string,
  act: (draft: Draft<Data>, now: number) => Draft<Data> | undefined,
) => Promise<void>;

export interface RunnerParts<Data, Event> {
  readonly persist: Persist<Data>;
  /** The draft after an event, or the same draft if the machine refuses it. */
  readonly applied: (draft: Draft<Data>, event: Event, now: number) => Draft<Data>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** Runs a leased effect and saves how it ended, with the event it gave: one write for both. Never rejects. */
export function createRunner<Data, Event, Reason>(
  machine: Machine<Data, Event, Reason>,
  core: Core,
  { persist, applied }: RunnerParts<Data, Event>,
): (snapshot: Snapshot<Data>, effect: StoredEffect) => Promise<void> {
  const saveEnd = async (id: string, ran: StoredEffect, ending: Ending<Event>): Promise<boolean> => {
    let mine = true;
    await persist(id, (draft, now) => {
      const effect = draft.effects.find(
        ({ key, lease }) => key === ran.key && lease !== undefined && lease.owner === ran.lease?.owner,
      );
      mine = effect !== undefined;
      if (effect === undefined) return undefined;
      const left = ended(effect, ran, ending, now, core);
      const effects = draft.effects.flatMap((each) => (each === effect ? (left ?? []) : each));
      const next = { ...draft, effects };
      return ending.kind === 'done' && ending.event !== undefined ? applied(next, ending.event, now) : next;
    });
    return mine;
  };

  // A store that is away for a moment must not make a done effect run again: the lease gives time.
  const settled = async (id: string, ran: StoredEffect, ending: Ending<Event>): Promise<boolean> => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await saveEnd(id, ran, ending);
      } catch (error) {
        const away = error instanceof Fault && error.code === 'STORE_UNAVAILABLE';
        if (!away || core.clock.now() + pause >= (ran.lease?.until ?? 0)) throw error;
        await core.clock.sleep(pause, core.over);
      }
    }
  };

  return async (snapshot, effect) => {
    const name = ruleName(effect.key);
    const rule = machine.effects[name];
    const lane = laneOf(machine, effect.key, snapshot.data);
    if (rule === undefined || 'timer' in rule || lane === undefined) return;
    try {
      const ending = await runEffect(snapshot, effect, rule.run, core);
      if (ending.kind === 'failed')
        core.log.warn(
          `${snapshot.id}: ${effect.key} failed (${effect.attempts + 1}): ${core.redact(messageOf(ending.error))}`,
        );
      const mine = ending.kind !== 'stale' && (await settled(snapshot.id, effect, ending));
      const failing = ending.kind === 'failed' && effect.attempts + 1 >= FAILING_AFTER;
      const which = { id: snapshot.id, key: effect.key, failing };
      core.observer.effect(machine.kind, name, mine ? ending.kind : 'stale', which);
    } catch (error) {
      // Nothing is lost: the lease runs out, and the effect is begun again.
      core.log.warn(
        `${snapshot.id}: the end of ${effect.key} was not saved: ${core.redact(messageOf(error))}`,
      );
    } finally {
      core.lanes.leave(lane);
    }
  };
}
