import { messageOf } from '../kit/fault.ts';
import { AUDIT_KEY } from './core.ts';
import type { Core } from './core.ts';
import type { Draft } from './draft.ts';
import { snapshotOf } from './draft.ts';
import { laneOf, ruleName } from './machine.ts';
import type { Machine } from './machine.ts';
import { backOffMs, dueAt, isDue } from './schedule.ts';
import type { Commit } from './writer.ts';

/** What came of tending a record. */
export type Tended =
  | { readonly kind: 'tended' | 'conflict' | 'idle' }
  /** Nothing can be done before `until`, or before one of the lanes has a place. */
  | { readonly kind: 'waits'; readonly until: number; readonly lanes: readonly string[] };

export interface TendParts<Data, Event> {
  readonly commit: Commit<Data>;
  readonly applied: (draft: Draft<Data>, event: Event, now: number) => Draft<Data>;
}

/** So many timers of one record fire in one write; more than that is a timer that arms itself again and again. */
const MOST_FIRED = 100;
/** A record that waits for a place is looked at again after this, whatever another process may have done to it. */
const FULL_MS = 5000;
/** Only a newer release knows what to do. */
export const UNKNOWN_MS = 60_000;

/** Turns due timers into events, in the order of their times, and begins due effects, all in one write. */
export async function tend<Data, Event, Reason>(
  read: Draft<Data>,
  machine: Machine<Data, Event, Reason>,
  core: Core,
  { commit, applied }: TendParts<Data, Event>,
): Promise<Tended> {
  const now = core.clock.now();
  const kept = await auditKept(read, now, core);
  const draft = fired(kept, machine, now, applied);
  if (draft === read) {
    const waits = waiting(draft, machine, now, core);
    if (waits) return waits;
  }
  return { kind: (await commit(draft)) === 'conflict' ? 'conflict' : 'tended' };
}

// One timer may cancel another, or arm itself again: each is looked for in what the one before has left.
function fired<Data, Event, Reason>(
  draft: Draft<Data>,
  machine: Machine<Data, Event, Reason>,
  now: number,
  applied: TendParts<Data, Event>['applied'],
): Draft<Data> {
  let left = draft;
  for (let count = 0; count < MOST_FIRED; count++) {
    const [timer] = left.effects
      .filter((effect) => isDue(effect, now) && timerOf(machine, effect.key) !== undefined)
      .toSorted((a, b) => a.nextAt - b.nextAt);
    const event = timer && timerOf(machine, timer.key);
    if (timer === undefined || event === undefined) break;
    const without = { ...left, effects: left.effects.filter((effect) => effect !== timer) };
    left = applied(without, event(snapshotOf(without, now)), now);
  }
  return left;
}

function timerOf<Data, Event, Reason>(machine: Machine<Data, Event, Reason>, key: string) {
  const rule = machine.effects[ruleName(key)];
  return rule !== undefined && 'timer' in rule ? rule.timer : undefined;
}

// Audit that cannot be stored holds up nothing else of its record.
async function auditKept<Data>(draft: Draft<Data>, now: number, core: Core): Promise<Draft<Data>> {
  const keeper = draft.effects.find((effect) => effect.key === AUDIT_KEY && isDue(effect, now));
  if (keeper === undefined) return draft;
  try {
    await core.auditItems.now(draft);
    return { ...draft, audit: { ...draft.audit, pending: [] } };
  } catch (error) {
    const lastError = core.redact(messageOf(error)).slice(0, 240);
    core.log.warn(`audit of ${draft.id} is stored later: ${lastError}`);
    const attempts = keeper.attempts + 1;
    const later = { ...keeper, attempts, nextAt: now + backOffMs(attempts, core.random), lastError };
    return { ...draft, effects: draft.effects.map((effect) => (effect === keeper ? later : effect)) };
  }
}

// Why a due record is not written: nothing of it is due any more, its lanes are full, or it has an effect nobody here knows.
function waiting<Data, Event, Reason>(
  draft: Draft<Data>,
  machine: Machine<Data, Event, Reason>,
  now: number,
  { lanes, observer }: Core,
): Tended | undefined {
  const due = draft.effects.filter((effect) => isDue(effect, now));
  if (due.length === 0) return { kind: 'idle' };
  const wanted = [...new Set(due.flatMap(({ key }) => laneOf(machine, key, draft.data) ?? []))];
  if (wanted.some((lane) => lanes.hasPlace(lane))) return undefined;
  if (due.some(({ key }) => machine.effects[ruleName(key)] === undefined)) observer.newer(draft.id);
  const others = draft.effects.filter((effect) => !isDue(effect, now)).map(dueAt);
  const until = now + (wanted.length > 0 ? FULL_MS : UNKNOWN_MS);
  return { kind: 'waits', until: Math.min(until, ...others), lanes: wanted };
}
