import type { JsonObject, StoredEffect } from '../store/store.ts';

/** What is known of a record when an event arrives or an effect runs. */
export interface Snapshot<Data> {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly data: Data;
  readonly effects: readonly StoredEffect[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Something to be done later, by its key (`card`, `line:3`): at `at`, at once without it; or no longer. */
export type Schedule =
  | { readonly key: string; readonly at?: number; readonly data?: JsonObject }
  | { readonly key: string; readonly cancel: true };

/** The next state, what must now be done, and what the audit says about it. */
export interface Change<Data> {
  readonly status: string;
  readonly data: Data;
  readonly schedule?: readonly Schedule[];
  readonly audit?: JsonObject;
}

/** The event changes nothing, and why. */
export interface Refusal<Reason> {
  readonly refused: Reason;
}

/** What an effect is given. */
export interface Task<Data> {
  readonly snapshot: Snapshot<Data>;
  readonly key: string;
  readonly data: JsonObject | undefined;
  /** How often it was begun before: above 0 it may already have been done. */
  readonly attempts: number;
  /** Aborted at the effect's deadline, which is before the end of its lease. */
  readonly signal: AbortSignal;
  /** Throws when the lease is over: to be called before every call that cannot be taken back (A19). */
  readonly stillMine: () => void;
}

/** An effect is run once it is due; a timer only turns into an event. */
export type EffectRule<Data, Event> =
  | { readonly timer: (snapshot: Snapshot<Data>) => Event }
  | {
      /** Effects of one lane share its places: a lane that hangs delays no other. */
      readonly lane: string;
      /** Whom it is done for, such as a channel: those who have much to be done share the lane with the others. */
      readonly share?: (data: Data) => string;
      /** Does it, and gives the event that tells the record so. A rejection means: again, later. */
      readonly run: (task: Task<Data>) => Promise<Event | undefined>;
    };

/**
 * One kind of record: how it changes and what its effects do. `decide` is pure; it is asked again with the newer state
 * when another writer was faster.
 */
export interface Machine<Data, Event, Reason> {
  readonly kind: string;
  /** Version of the form of `data` that is written; older ones are read, newer ones are left alone. */
  readonly schema: number;
  readonly parse: (data: JsonObject, schema: number) => Data;
  readonly write: (data: Data) => JsonObject;
  readonly decide: (
    current: Snapshot<Data> | undefined,
    event: Event,
    now: number,
  ) => Change<Data> | Refusal<Reason>;
  /**
   * What a record is told first that was saved before the store was restored at `epoch`: what has become of it after the
   * backup is not known. Without it nothing changes.
   */
  readonly restored?: (epoch: number) => Event;
  /** By the name before the `:` of the key. */
  readonly effects: Readonly<Record<string, EffectRule<Data, Event>>>;
}

/** Thrown by an effect that cannot be done yet, through nobody's fault: it is tried again, and nothing counts as failed. */
export class Later extends Error {
  readonly ms: number;

  constructor(ms: number, why: string) {
    super(why);
    this.name = 'Later';
    this.ms = ms;
  }
}

/** Thrown by `stillMine`: whoever holds the lease now does the effect. */
export class LeaseLost extends Error {
  constructor() {
    super('the lease of this effect is over');
    this.name = 'LeaseLost';
  }
}

/** The name of an effect's rule. */
export function ruleName(key: string): string {
  return key.split(':', 1)[0] ?? key;
}

/** The lane of an effect; undefined for a timer, and for what this release does not know. */
export function laneOf<Data, Event, Reason>(
  machine: Machine<Data, Event, Reason>,
  key: string,
  data: Data,
): string | undefined {
  const rule = machine.effects[ruleName(key)];
  if (rule === undefined || !('lane' in rule)) return undefined;
  return rule.share === undefined ? rule.lane : `${rule.lane}/${rule.share(data)}`;
}
