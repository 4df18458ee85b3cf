import type { Snapshot } from '../durable/machine.ts';
import { countedKey } from './counted.ts';
import type { ApprovalEvent, Outcome } from './decide.ts';
import { isOpen, lineOf, next, NOBODY_DECIDED, refuse } from './decide-common.ts';
import type { Next } from './decide-common.ts';
import { silence } from './decide-silence.ts';
import { openedTerms, votesAgainst } from './record.ts';
import type { Approval } from './record.ts';

const RECOUNT_MS = 2000;
const LATEST_COUNT_MS = 60_000;
const GONE = 'its gate is no longer configured, so nobody could decide: treated as denied';
const ENOUGH = 'as many have denied it as its gate now asks for: treated as denied';
const DOUBT = 'somebody denied it, and Slack did not say whether they may: treated as denied';
const BEGUN = 'somebody began to deny it: treated as denied';
const AWAY = 'nobody could have denied it in time, because the listener was away: treated as denied';

/** The time is over. A click that arrived in time and is still in the inbox is counted first, also when the listener itself was away. */
export function timedOut(current: Snapshot<Approval>, servingSince: number, now: number): Outcome {
  if (!isOpen(current)) return refuse('nothing');
  const { data } = current;
  const { terms } = data;
  const { onTimeout, endsAt } = terms;
  const inTime = data.inbox.filter(({ at }) => at < endsAt);
  if (inTime.length > 0 && now < Math.max(endsAt, servingSince) + LATEST_COUNT_MS)
    return next(current, { schedule: [{ key: 'timeout', at: now + RECOUNT_MS }] }, now);
  if (terms.present?.gone === true)
    return ended(current, now, 'timed_out', GONE, 'timed out without its gate');
  if (onTimeout === 'deny') return ended(current, now, 'timed_out', NOBODY_DECIDED, 'timed out');
  if (votesAgainst(data).length >= terms.denyQuorum)
    return ended(current, now, 'timed_out', ENOUGH, 'timed out with denials');
  // Nobody knows whether that person may; but it was no silence.
  if (inTime.some(({ vote }) => vote === 'deny'))
    return ended(current, now, 'timed_out', DOUBT, 'timed out in doubt');
  if (data.doubts !== undefined && data.doubts.length > 0)
    return ended(current, now, 'timed_out', BEGUN, 'timed out with a denial begun');
  const said = silence(current, servingSince, now);
  if (said === 'denies') return ended(current, now, 'timed_out', AWAY, 'timed out unheard');
  if (said !== 'approves') return said;
  return ended(current, now, 'approved', 'by timeout, as the gate says', 'approved by timeout');
}

function ended(
  current: Snapshot<Approval>,
  now: number,
  status: 'timed_out' | 'approved',
  note: string,
  event: string,
): Outcome {
  const validUntil = status === 'approved' ? now + current.data.terms.validForMs : undefined;
  return next(
    current,
    {
      status,
      data: { ...current.data, decision: { at: now, by: [], note, validUntil } },
      seen: true,
      card: true,
      lines: [lineOf(status, { note: status === 'approved' ? `Approved ${note}` : note })],
      audit: { event },
    },
    now,
  );
}

/** With Slack down nobody can click; who does it instead is named on the card and in the audit. */
export function overridden(
  current: Snapshot<Approval>,
  { operator, reason }: ApprovalEvent & { type: 'override' },
  now: number,
): Outcome {
  if (!isOpen(current)) return refuse('not_open');
  if (current.data.terms.present?.gone === true) return refuse('gate_gone');
  const note = `by the operator ${operator}: ${reason}`;
  const validUntil = now + current.data.terms.validForMs;
  return next(
    current,
    {
      status: 'approved',
      data: { ...current.data, decision: { at: now, by: [], note, validUntil } },
      seen: true,
      card: true,
      lines: [lineOf('approved', { note: `Approved ${note}` })],
      schedule: [{ key: countedKey('approved') }],
      audit: { event: 'approved by an operator', operator, reason },
    },
    now,
  );
}

/** A newer request on the same subject takes its place. */
export function superseded(
  current: Snapshot<Approval>,
  { newer }: ApprovalEvent & { type: 'supersede' },
  now: number,
): Outcome {
  return isOpen(current)
    ? withdrawn(current, now, 'a newer request took its place', { newer })
    : refuse('not_open');
}

/** Whoever asked, an approver or an operator ends it. */
export function takenBack(
  current: Snapshot<Approval>,
  { by, why, whileOpen, byVerb }: ApprovalEvent & { type: 'withdraw' },
  now: number,
): Outcome {
  const { claim, terms } = current.data;
  // What many may use is not used up by the first.
  const counts = current.status === 'approved' && (claim === undefined || terms.use === 'many');
  return isOpen(current) || (counts && whileOpen !== true)
    ? withdrawn(current, now, why, { by, byVerb })
    : refuse('not_open');
}

export interface HowWithdrawn {
  /** The request that took its place. */
  readonly newer?: string;
  readonly by?: { readonly user: string; readonly name: string } | undefined;
  readonly byVerb?: boolean | undefined;
}

/** It ends without a decision. */
export function withdrawn(
  current: Snapshot<Approval>,
  now: number,
  note: string,
  { newer, by, byVerb = false }: HowWithdrawn = {},
): Outcome {
  const change: Next = {
    status: 'withdrawn',
    data: { ...current.data, decision: { at: now, by: by ? [by] : [], note } },
    seen: true,
    card: true,
    lines: [lineOf('withdrawn', { note, by: by?.user })],
    schedule: byVerb ? [{ key: countedKey('withdrawn') }] : [],
    audit: { event: 'withdrawn', note, ...(newer !== undefined && { newer }), ...(by && { by: by.user }) },
  };
  return next(current, change, now);
}

/** The time to use an approval is over. */
export function expired(current: Snapshot<Approval>, now: number): Outcome {
  const { data, status } = current;
  const until = data.decision?.validUntil;
  if (status !== 'approved' || until === undefined || now < until) return refuse('nothing');
  if (data.claim !== undefined && openedTerms(data).use === 'once') return refuse('nothing');
  const lines = [lineOf('expired', {})];
  return next(
    current,
    { status: 'expired', seen: true, card: true, lines, audit: { event: 'expired' } },
    now,
  );
}
