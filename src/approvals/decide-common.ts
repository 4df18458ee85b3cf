import type { Change, Refusal, Schedule, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import type { ApprovalRefusal } from './decide.ts';
import { isUsedByWaiting } from './record.ts';
import type { Approval, ApprovalState } from './record.ts';

/** A line for the card's thread, as facts; `card-lines.ts` gives the words. */
export interface Line {
  readonly kind: string;
  readonly facts: JsonObject;
}

/** What changes, before the bookkeeping. */
export interface Next {
  readonly status?: ApprovalState;
  readonly data?: Approval;
  /** Those who wait for news see this change. */
  readonly seen?: boolean;
  /** The card must be drawn anew. */
  readonly card?: boolean;
  /** When a card that is to be posted must be there. */
  readonly cardDue?: number;
  readonly lines?: readonly Line[];
  readonly schedule?: readonly Schedule[];
  readonly audit?: JsonObject;
}

/** Lines that wait for Slack; beyond the first number without their reasons, beyond the second not at all. */
const WITH_REASON = 3;
const MOST_WAITING = 20;

/** Timers and effects that only an open request has. */
const OF_OPEN = ['timeout', 'remind', 'abandon', 'card_due', 'resolve'] as const;

/** A click that came at the last moment may be saved as late as Slack waits for it, 3 s; and replicas' clocks differ. */
export const SETTLE_MS = 4000;

/** Why a request ended that nobody has said anything about. */
export const NOBODY_DECIDED = 'nobody decided in time, treated as denied';

/** A card must be there within this time, or nobody could decide. */
export const CARD_WITHIN_MS = 60_000;

/** The event changes nothing. */
export function refuse(
  code: Exclude<ApprovalRefusal['code'], 'ineligible' | 'other_context'>,
): Refusal<ApprovalRefusal> {
  return { refused: { code } };
}

export function isOpen({ status }: Snapshot<Approval>): boolean {
  return status === 'open';
}

export function lineOf(kind: string, facts: JsonObject): Line {
  return { kind, facts };
}

/** The change with its bookkeeping: revision, thread lines, the card, the gate's record, and timers that end with the state. */
export function next(current: Snapshot<Approval>, wish: Next, now: number): Change<Approval> {
  const status = wish.status ?? current.status;
  const data = wish.data ?? current.data;
  const moved = status !== current.status;
  const lines = fitting(current, wish.lines ?? [], moved);
  const validUntil = data.decision?.validUntil;
  // No check lists it.
  const isListed = data.terms.forBuild !== true;
  // Those whose clicks were saved, and now count for nothing, hear of it.
  const urls = moved ? data.inbox.flatMap(({ responseUrl }) => responseUrl ?? []) : [];
  return {
    status,
    data: {
      ...data,
      revision: data.revision + (wish.seen || moved ? 1 : 0),
      lines: data.lines + lines.length,
      ...(moved && { inbox: [] }),
    },
    schedule: [
      ...(moved && status !== 'open' ? OF_OPEN.map((key): Schedule => ({ key, cancel: true })) : []),
      ...(moved && status !== 'approved' ? [{ key: 'validity', cancel: true } as const] : []),
      // Who waited has it, and need not hear that its time is over; a claim that comes too late is told so.
      ...(moved && status === 'approved' && validUntil !== undefined && !isUsedByWaiting(data)
        ? [{ key: 'validity', at: validUntil }]
        : []),
      ...(wish.card ? [{ key: 'card' }] : []),
      ...(wish.cardDue === undefined ? [] : [{ key: 'card_due', at: wish.cardDue }]),
      ...lines.map(({ kind, facts }, index) => ({
        key: `line:${data.lines + index + 1}`,
        data: { kind, facts, at: now },
      })),
      ...(urls.length > 0 ? [{ key: 'answer', data: { urls } }] : []),
      ...(moved && isListed ? [{ key: 'publish' }] : []),
      ...(moved && current.status === 'open' ? [{ key: 'leave' }] : []),
      // Apart, so that it takes the place of no decision that is not published yet.
      ...(isListed && wish.audit?.['event'] === 'claimed' ? [{ key: 'publish:claim' }] : []),
      ...(wish.schedule ?? []),
    ],
    ...(wish.audit && { audit: wish.audit }),
  };
}

// While Slack is away lines gather in the record, which has its size; what ended the request is always told.
function fitting({ effects }: Snapshot<Approval>, lines: readonly Line[], moved: boolean): readonly Line[] {
  const waiting = effects.filter(({ key }) => key.startsWith('line:')).length;
  if (waiting >= MOST_WAITING && !moved) return [];
  if (waiting < WITH_REASON) return lines;
  return lines.map(({ kind, facts }) => ({ kind, facts: { ...facts, reason: undefined } }));
}
