import type { Change, Machine, Refusal, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import { rateWait } from './action.ts';
import type { Rate } from '../kit/rate.ts';

/** Who holds the one use of a button. */
export interface Once {
  readonly holder: string | undefined;
}

export type OnceEvent =
  | { readonly type: 'take'; readonly holder: string }
  | { readonly type: 'give_back'; readonly holder: string };

/** The record that two clicks on one button agree through: the first to take it runs; who holds it may take it again. */
export const onceMachine: Machine<Once, OnceEvent, 'taken'> = {
  kind: 'once',
  schema: 1,
  parse: (data) => ({ holder: typeof data['holder'] === 'string' ? data['holder'] : undefined }),
  write: (once) => ({ ...once }),
  decide: takeOnce,
  effects: {},
};

function takeOnce(current: Snapshot<Once> | undefined, event: OnceEvent): Change<Once> | Refusal<'taken'> {
  const holder = current?.data.holder;
  if (event.type === 'take')
    return holder === undefined || holder === event.holder
      ? { status: 'taken', data: { holder: event.holder } }
      : { refused: 'taken' };
  return holder === event.holder ? { status: 'free', data: { holder: undefined } } : { refused: 'taken' };
}

/** The runs of an action that its rate still counts. */
export interface Allowance {
  readonly runs: readonly { readonly id: string; readonly at: number }[];
}

export type AllowanceEvent =
  | { readonly type: 'take'; readonly id: string; readonly rate: Rate }
  /** It was not run after all. */
  | { readonly type: 'give_back'; readonly id: string };

/**
 * The record that all replicas count the runs of one action in. Refused: milliseconds until there is room; 0 where nothing
 * was to be given back.
 */
export const allowanceMachine: Machine<Allowance, AllowanceEvent, number> = {
  kind: 'allowance',
  schema: 1,
  parse: (data) => ({ runs: isRuns(data['runs']) ? data['runs'] : [] }),
  write: (allowance) => ({ ...allowance }),
  decide: takeAllowance,
  effects: {},
};

/** The largest rate of an action: all the runs it counts stand in one record of at most 64 KB. */
export const MOST_COUNTED = 500;

function takeAllowance(
  current: Snapshot<Allowance> | undefined,
  event: AllowanceEvent,
  now: number,
): Change<Allowance> | Refusal<number> {
  const all = current?.data.runs ?? [];
  const others = all.filter(({ id }) => id !== event.id);
  if (event.type === 'give_back')
    return others.length === all.length ? { refused: 0 } : { status: 'open', data: { runs: others } };
  const { id, rate } = event;
  const runs = all.filter(({ at }) => at > now - rate.perMs);
  if (runs.some((run) => run.id === id)) return { status: 'open', data: { runs } };
  const wait = rateWait(
    runs.map(({ at }) => at),
    rate,
    now,
  );
  if (wait !== undefined) return { refused: wait };
  return { status: 'open', data: { runs: [...runs, { id, at: now }].slice(-MOST_COUNTED) } };
}

function isRuns(value: unknown): value is Allowance['runs'] {
  return Array.isArray(value) && value.every((run: unknown) => isRun(run));
}

function isRun(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && 'id' in value && 'at' in value;
}
