import type { Records } from '../durable/keeper.ts';
import type { Clock } from '../kit/clock.ts';
import type { Shown } from '../slack/respond.ts';
import type { TokenHash } from '../slack/verify-action-value.ts';
import type { Action } from './action.ts';
import type { Actions } from './action-machine.ts';
import type { Allowance, AllowanceEvent, Once, OnceEvent } from './allowance.ts';

/** An action with those who may run it. */
export interface AllowedAction extends Action {
  /** Users, user groups and e-mail addresses. */
  readonly allow: readonly string[];
}

/** What says which call a click makes. */
export interface PreparePorts {
  readonly clock: Clock;
  /** When the store was restored last, in milliseconds since the epoch; 1 for never. */
  readonly restoredAt: number;
  readonly actionOf: (name: string) => AllowedAction | undefined;
  /** The tokens that may sign buttons, and the actions each may offer. */
  readonly tokens: () => readonly (TokenHash & { readonly actions: ReadonlySet<string> })[];
}

export interface ActionClickPorts extends PreparePorts {
  readonly actions: Actions;
  readonly onces: Records<Once, OnceEvent, 'taken'>;
  readonly allowances: Records<Allowance, AllowanceEvent, number>;
  /** Rejects when Slack does not say. */
  readonly eligible: (
    user: string,
    allow: readonly string[],
  ) => Promise<
    { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string }
  >;
  /** Shows something to the person alone, in place of what was clicked or beside it; false when it did not arrive. */
  readonly show: (responseUrl: string, message: Shown) => Promise<boolean>;
  /** Told about clicks that run nothing, by the reason. */
  readonly refused: (reason: string) => void;
  /** Keeps for a while where somebody can be told what came of a run. */
  readonly reach: (id: string, responseUrl: string) => void;
}
