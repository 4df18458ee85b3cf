import type { Snapshot } from '../durable/machine.ts';
import type { ApprovalEvent, Outcome } from './decide.ts';
import { isOpen, lineOf, next, refuse, SETTLE_MS } from './decide-common.ts';
import { changedTerms, openedTerms } from './record.ts';
import type { Approval } from './record.ts';

/** People have had time to deny when the listener took clicks for so long without a break; for shorter requests, for all of their time. */
const TIME_TO_DENY_MS = 600_000;
/** Past its first end a request is open no longer than this. */
const MOST_PUT_OFF_MS = 3_600_000;
const MOST_DOUBTS = 30;

/**
 * What silence means at the end of a request whose gate approves by timeout. It approves only where people could have spoken:
 * where the listener, or the card, was not there for long enough, the end is put off, and at last the request is denied.
 */
export function silence(
  current: Snapshot<Approval>,
  servingSince: number,
  now: number,
): Outcome | 'approves' | 'denies' {
  const { data, createdAt } = current;
  const first = data.firstEnd ?? data.terms.endsAt;
  const since = Math.max(servingSince, data.card === undefined ? now : (data.card.at ?? createdAt));
  const heard = since + Math.min(first - createdAt, TIME_TO_DENY_MS);
  if (heard <= now) return 'approves';
  if (heard > first + MOST_PUT_OFF_MS) return 'denies';
  // Never sooner: a clock that was set back must not make votes late that came in time.
  const endsAt = Math.max(heard, data.terms.endsAt);
  return next(
    current,
    {
      data: { ...data, firstEnd: first, terms: changedTerms(data, { endsAt }) },
      seen: true,
      card: true,
      lines: [lineOf('put_off', { ends: endsAt })],
      schedule: [{ key: 'timeout', at: endsAt + SETTLE_MS }],
      audit: { event: 'the end was put off', ends_at: endsAt },
    },
    now,
  );
}

/** Somebody has clicked Deny, and is being asked why. If they never say, it was still no silence. */
export function doubted(
  current: Snapshot<Approval>,
  { user, at }: ApprovalEvent & { type: 'doubt' },
  now: number,
): Outcome {
  const { data } = current;
  if (!isOpen(current)) return refuse('not_open');
  if (at >= data.terms.endsAt) return refuse('late');
  const doubtful = withDoubt(data, user);
  if (doubtful === data) return refuse('nothing');
  const audit = { event: 'denial begun', by: user, at };
  return next(current, { data: doubtful, lines: [lineOf('doubt', { user })], audit }, now);
}

/** The request with a doubt of this person, where silence would approve it. */
export function withDoubt(data: Approval, user: string): Approval {
  const { doubts = [] } = data;
  const isKnown = doubts.includes(user) || data.terms.excluded.includes(user);
  if (openedTerms(data).onTimeout === 'deny' || isKnown || doubts.length >= MOST_DOUBTS) return data;
  return { ...data, doubts: [...doubts, user] };
}
