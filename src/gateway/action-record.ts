import type { Change, Refusal, Schedule, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import type { ActionOutcome } from './run-action.ts';

/** A click on an action's button, from the dialog on. Times in milliseconds since the epoch. */
export interface ActionRun {
  readonly action: string;
  readonly value: unknown;
  /** Of the button: which pipeline signed it, when, and what makes it one of its kind. */
  readonly token: string;
  readonly nonce: string;
  readonly issuedAt: number;
  readonly channel: string;
  readonly messageTs: string;
  /** The parent, where the button stands in a thread. */
  readonly threadTs?: string | undefined;
  /** Unique for each click. */
  readonly clickId: string;
  readonly user: { readonly id: string; readonly name: string };
  /** What the dialog said. */
  readonly confirm: string;
  /** Of the very call that the dialog was about. */
  readonly fingerprint: string;
  readonly onceId: string | undefined;
  readonly startedAt?: number | undefined;
  readonly outcome?: ActionOutcome | undefined;
  /** The dialog is from before a restore of the store: nobody knows what was answered. */
  readonly restored?: boolean | undefined;
}

export type ActionEvent =
  | { readonly type: 'ask'; readonly run: ActionRun }
  | { readonly type: 'start'; readonly by: string }
  | { readonly type: 'cancel'; readonly by: string }
  | { readonly type: 'lapse' }
  | { readonly type: 'restored' }
  | { readonly type: 'outcome'; readonly outcome: ActionOutcome };

export type ActionNo = 'unknown' | 'known' | 'not_asked' | 'other_person' | 'nothing';

export const ACTION_SCHEMA = 1;
/** How long the dialog may stand: what was true when it was shown may not be true for ever. */
export const DIALOG_MS = 5 * 60_000;

const IN_DOUBT: ActionOutcome = {
  kind: 'unknown',
  code: 'GATEWAY_OUTCOME_UNKNOWN',
  line: 'the listener was restored from a backup that was made while this ran: it may have been done',
  hint: 'ask the service what became of it before you click again',
  spent: true,
};

/** The life of a click: asked → running → done, failed or unknown; or cancelled, or lapsed. Pure. */
export function decideAction(
  current: Snapshot<ActionRun> | undefined,
  event: ActionEvent,
  now: number,
): Change<ActionRun> | Refusal<ActionNo> {
  if (event.type === 'ask') return current === undefined ? asked(event.run, now) : { refused: 'known' };
  if (current === undefined) return { refused: 'unknown' };
  const { data, status } = current;
  const to = (
    next: string,
    schedule: readonly Schedule[],
    audit: JsonObject,
    more: Partial<ActionRun> = {},
  ): Change<ActionRun> => ({
    status: next,
    data: { ...data, ...more },
    schedule,
    audit: { ...audit, action: data.action, by: data.user.id },
  });
  const noLapse: Schedule = { key: 'lapse', cancel: true };
  const release: readonly Schedule[] = data.onceId === undefined ? [] : [{ key: 'release' }];
  switch (event.type) {
    case 'start':
      if (event.by !== data.user.id) return { refused: 'other_person' };
      // The timer may be late.
      if (status !== 'asked' || now >= current.createdAt + DIALOG_MS) return { refused: 'not_asked' };
      return to(
        'running',
        [noLapse, { key: 'call' }],
        { event: 'started', value: data.value, fingerprint: data.fingerprint },
        { startedAt: now },
      );
    case 'cancel':
      if (event.by !== data.user.id) return { refused: 'other_person' };
      return status === 'asked'
        ? to('cancelled', [noLapse, ...release], { event: 'cancelled' })
        : { refused: 'not_asked' };
    case 'lapse':
      return status === 'asked' ? to('lapsed', release, { event: 'lapsed' }) : { refused: 'nothing' };
    case 'restored':
      if (status === 'asked') return to('lapsed', [noLapse], { event: 'restored' }, { restored: true });
      return status === 'running'
        ? to(
            'unknown',
            [{ key: 'call', cancel: true }, { key: 'report' }],
            { event: 'restored', ...toldOf(IN_DOUBT) },
            { outcome: IN_DOUBT },
          )
        : { refused: 'nothing' };
    case 'outcome': {
      if (status !== 'running') return { refused: 'nothing' };
      const { outcome } = event;
      const free = outcome.kind === 'failed' && !outcome.spent ? release : [];
      return to(
        outcome.kind,
        [{ key: 'report' }, ...free],
        { event: outcome.kind, ...toldOf(outcome) },
        { outcome },
      );
    }
    default:
      return event satisfies never;
  }
}

function toldOf(outcome: ActionOutcome): JsonObject {
  const { line } = outcome;
  return outcome.kind === 'done'
    ? { http: outcome.status, digest: outcome.digest, line }
    : { code: outcome.code, line, ...(outcome.http !== undefined && { http: outcome.http }) };
}

function asked(run: ActionRun, now: number): Change<ActionRun> {
  return {
    status: 'asked',
    data: run,
    schedule: [{ key: 'lapse', at: now + DIALOG_MS }],
    audit: { event: 'asked', action: run.action, by: run.user.id, token: run.token, channel: run.channel },
  };
}

/** The data of a record as a run; what the engine wrote is what it reads. */
export function readRun(data: JsonObject): ActionRun {
  if (!isRun(data)) throw new Error('not the data of an action');
  return data;
}

function isRun(data: JsonObject): data is JsonObject & ActionRun {
  return typeof data['action'] === 'string' && typeof data['fingerprint'] === 'string';
}
