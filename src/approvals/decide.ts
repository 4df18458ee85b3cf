import type { Change, Refusal, Schedule, Snapshot } from '../durable/machine.ts';
import { claimed } from './decide-claim.ts';
import type { Claim } from './decide-claim.ts';
import { isOpen, lineOf, next } from './decide-common.ts';
import type { Next } from './decide-common.ts';
import { unresolved, resolved, voted } from './decide-vote.ts';
import type { Ballot, Verdict } from './decide-vote.ts';
import type { Approval, Terms, Unresolved } from './record.ts';
import { votesFor } from './record.ts';

/** What can happen to an approval. */
export type ApprovalEvent =
  | { readonly type: 'open'; readonly terms: Terms; readonly nonce: string }
  | {
      readonly type: 'card_posted';
      readonly channel: string;
      readonly ts: string;
    }
  | { readonly type: 'card_linked'; readonly permalink: string }
  | { readonly type: 'card_refused'; readonly why: string }
  | { readonly type: 'card_gone' }
  | { readonly type: 'card_overdue' }
  | { readonly type: 'vote'; readonly ballot: Ballot }
  | { readonly type: 'unresolved'; readonly click: Unresolved }
  | { readonly type: 'resolved'; readonly user: string; readonly actionTs: string; readonly verdict: Verdict }
  | { readonly type: 'remind' }
  | { readonly type: 'time_out' }
  | { readonly type: 'held' }
  | { readonly type: 'detach'; readonly why: string }
  | { readonly type: 'abandon'; readonly servingSince: number }
  | {
      readonly type: 'withdraw';
      readonly by: { readonly user: string; readonly name: string } | undefined;
      readonly why: string;
      /** Not once it is approved: a pipeline ends what it asks, not what people have decided. */
      readonly whileOpen?: boolean;
    }
  | { readonly type: 'override'; readonly operator: string; readonly reason: string }
  | { readonly type: 'supersede'; readonly newer: string }
  | { readonly type: 'claim'; readonly claim: Claim }
  | { readonly type: 'validity_over' }
  | { readonly type: 'published' };

/** Why an event changes nothing. */
export type ApprovalRefusal =
  | { readonly code: 'unknown' }
  | { readonly code: 'other_content' }
  | { readonly code: 'same_request' }
  | { readonly code: 'not_open' }
  | { readonly code: 'late' }
  | { readonly code: 'excluded' }
  | { readonly code: 'duplicate' }
  | { readonly code: 'replayed' }
  | { readonly code: 'changed_too_often' }
  | { readonly code: 'inbox_full' }
  | { readonly code: 'ineligible'; readonly why: string }
  | { readonly code: 'unreadable' }
  | { readonly code: 'not_approved' }
  | { readonly code: 'expired' }
  | { readonly code: 'taken' }
  | { readonly code: 'other_gate' }
  | { readonly code: 'other_origin' }
  | { readonly code: 'other_context'; readonly names: readonly string[] }
  | { readonly code: 'nothing' };

export type Outcome = Change<Approval> | Refusal<ApprovalRefusal>;

const refuse = (code: Exclude<ApprovalRefusal['code'], 'ineligible' | 'other_context'>): Outcome => ({
  refused: { code },
});

const CARD_WITHIN_MS = 60_000;
const MOST_REMINDERS = 100;
/** A click that arrives at the last moment is still being looked at when the time is over. */
const SETTLE_MS = 500;
const RECOUNT_MS = 2000;
const LATEST_COUNT_MS = 60_000;
/** A waiting put asks again every 25 s: with less than this left, the next one could come too late. */
const HELD_ENOUGH_MS = 45_000;

/** The table of approvals: what an event does to a request in each of its states. Pure. */
export function decideApproval(
  current: Snapshot<Approval> | undefined,
  event: ApprovalEvent,
  now: number,
): Outcome {
  if (event.type === 'open') return current === undefined ? opened(event, now) : reopened(current, event);
  if (current === undefined) return refuse('unknown');
  switch (event.type) {
    case 'vote':
      return voted(current, event.ballot, now);
    case 'unresolved':
      return unresolved(current, event.click);
    case 'resolved':
      return resolved(current, event, now);
    case 'claim':
      return claimed(current, event.claim, now);
    case 'card_posted':
      return cardPosted(current, event);
    case 'card_linked':
      return current.data.card === undefined
        ? refuse('nothing')
        : next(
            current,
            {
              data: { ...current.data, card: { ...current.data.card, permalink: event.permalink } },
              seen: true,
            },
            now,
          );
    case 'card_gone':
      return current.data.card === undefined
        ? refuse('nothing')
        : next(
            current,
            {
              data: { ...current.data, card: undefined, cardsLost: (current.data.cardsLost ?? 0) + 1 },
              ...(isOpen(current) && { card: true, cardDue: now + CARD_WITHIN_MS }),
            },
            now,
          );
    case 'card_refused':
      return isOpen(current)
        ? withdrawn(current, now, `the card could not be posted: ${event.why}`)
        : refuse('nothing');
    case 'card_overdue':
      return isOpen(current) && current.data.card === undefined
        ? withdrawn(current, now, overdueNote(current))
        : refuse('nothing');
    case 'remind':
      return reminded(current, now);
    case 'time_out':
      return timedOut(current, now);
    case 'held':
      return held(current, now);
    case 'detach':
      return detached(current, event.why, now);
    case 'abandon':
      return abandoned(current, event.servingSince, now);
    case 'supersede':
      return isOpen(current)
        ? withdrawn(current, now, 'a newer request took its place', { newer: event.newer })
        : refuse('not_open');
    case 'override':
      return overridden(current, event, now);
    case 'withdraw':
      return takenBack(current, event, now);
    case 'validity_over':
      return expired(current, now);
    case 'published':
      return next(current, { schedule: [{ key: 'webhook' }] }, now);
    default:
      return event satisfies never;
  }
}

function opened({ terms, nonce }: ApprovalEvent & { type: 'open' }, now: number): Outcome {
  const data: Approval = { terms, nonce, revision: 1, votes: [], inbox: [], reminders: 0, lines: 0 };
  const schedule: Schedule[] = [
    { key: 'card' },
    { key: 'card_due', at: now + CARD_WITHIN_MS },
    { key: 'timeout', at: terms.endsAt + SETTLE_MS },
    ...(terms.remindEveryMs === undefined ? [] : [{ key: 'remind', at: now + terms.remindEveryMs }]),
    ...(terms.wait ? [{ key: 'abandon', at: now + terms.abandonAfterMs }] : []),
    ...(terms.subject === undefined ? [] : [{ key: 'supersede' }]),
  ];
  return { status: 'open', data, schedule, audit: { event: 'opened', ...auditOf(terms) } };
}

/** What was asked, for the audit: the digest covers what does not fit. */
function auditOf(terms: Terms): Record<string, unknown> {
  const { title, gate, origin, token, quorum, excluded, content, endsAt } = terms;
  const context = Object.entries(terms.context)
    .slice(0, 20)
    .map(([name, value]) => [name, value.slice(0, 100)]);
  return {
    title,
    gate,
    origin,
    token,
    approvers: terms.approvers.slice(0, 50),
    ...(terms.narrowed && { narrowed: terms.narrowed.slice(0, 50) }),
    quorum,
    excluded: excluded.slice(0, 50),
    context: Object.fromEntries(context),
    content,
    ends_at: endsAt,
  };
}

function overdueNote({ effects }: Snapshot<Approval>): string {
  const why = effects.find(({ key }) => key === 'card')?.lastError;
  return `the card could not be posted within a minute${why === undefined ? '' : `: ${why}`}`;
}

function reopened(current: Snapshot<Approval>, { terms }: ApprovalEvent & { type: 'open' }): Outcome {
  return refuse(current.data.terms.content === terms.content ? 'same_request' : 'other_content');
}

function cardPosted(current: Snapshot<Approval>, event: ApprovalEvent & { type: 'card_posted' }): Outcome {
  const { channel, ts } = event;
  return next(
    current,
    {
      data: { ...current.data, card: { channel, ts } },
      seen: true,
      schedule: [
        { key: 'card_due', cancel: true },
        { key: 'permalink' },
        ...(isOpen(current) ? [] : [{ key: 'card' }]),
      ],
      audit: { event: 'card posted', channel, ts },
    },
    current.updatedAt,
  );
}

function reminded(current: Snapshot<Approval>, now: number): Outcome {
  const { data } = current;
  const { remindEveryMs, quorum, endsAt } = data.terms;
  if (!isOpen(current) || remindEveryMs === undefined) return refuse('nothing');
  const again = data.reminders + 1 < MOST_REMINDERS && now + remindEveryMs < endsAt;
  const missing = quorum - votesFor(data).length;
  return next(
    current,
    {
      data: { ...data, reminders: data.reminders + 1 },
      lines: [lineOf('reminder', { missing, ends: endsAt })],
      schedule: again ? [{ key: 'remind', at: now + remindEveryMs }] : [],
    },
    now,
  );
}

// A click that arrived in time and is still in the inbox is counted first.
function timedOut(current: Snapshot<Approval>, now: number): Outcome {
  if (!isOpen(current)) return refuse('nothing');
  const { data } = current;
  const { onTimeout, endsAt } = data.terms;
  if (data.inbox.some(({ at }) => at < endsAt) && now < endsAt + LATEST_COUNT_MS)
    return next(current, { schedule: [{ key: 'timeout', at: now + RECOUNT_MS }] }, now);
  if (onTimeout === 'deny')
    return ended(current, now, 'timed_out', 'nobody decided in time, treated as denied', 'timed out');
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

// With Slack down nobody can click; who does it instead is named on the card and in the audit.
function overridden(
  current: Snapshot<Approval>,
  { operator, reason }: ApprovalEvent & { type: 'override' },
  now: number,
): Outcome {
  if (!isOpen(current)) return refuse('not_open');
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
      audit: { event: 'approved by an operator', operator, reason },
    },
    now,
  );
}

function held(current: Snapshot<Approval>, now: number): Outcome {
  const { data, effects } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('nothing');
  const until = effects.find(({ key }) => key === 'abandon')?.nextAt ?? 0;
  const back = data.detached === true;
  // A write for each poll would wear the store out: half of the lease may go by.
  const enough = Math.max(data.terms.abandonAfterMs / 2, HELD_ENOUGH_MS);
  if (!back && until - now > enough) return refuse('nothing');
  return next(
    current,
    {
      data: back ? { ...data, detached: undefined } : data,
      ...(back && {
        card: true,
        seen: true,
        lines: [lineOf('back', {})],
        audit: { event: 'the waiting build came back' },
      }),
      schedule: [{ key: 'abandon', at: now + data.terms.abandonAfterMs }],
    },
    now,
  );
}

function detached(current: Snapshot<Approval>, why: string, now: number): Outcome {
  const { data } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('not_open');
  if (data.detached === true) return refuse('nothing');
  return next(
    current,
    {
      data: { ...data, detached: true },
      card: true,
      seen: true,
      lines: [lineOf('detached', { why })],
      schedule: [{ key: 'abandon', at: now + data.terms.abandonAfterMs }],
      audit: { event: 'the waiting build stopped', why },
    },
    now,
  );
}

// While the listener itself was away nobody could hold the request: the wait begins anew when it is back.
function abandoned(current: Snapshot<Approval>, servingSince: number, now: number): Outcome {
  if (!isOpen(current)) return refuse('nothing');
  const due = servingSince + current.data.terms.abandonAfterMs;
  if (now < due) return next(current, { schedule: [{ key: 'abandon', at: due }] }, now);
  return withdrawn(current, now, 'build stopped');
}

function takenBack(
  current: Snapshot<Approval>,
  { by, why, whileOpen }: ApprovalEvent & { type: 'withdraw' },
  now: number,
): Outcome {
  const { claim, terms } = current.data;
  // What many may use is not used up by the first.
  const counts = current.status === 'approved' && (claim === undefined || terms.use === 'many');
  return isOpen(current) || (counts && whileOpen !== true)
    ? withdrawn(current, now, why, {}, by)
    : refuse('not_open');
}

function withdrawn(
  current: Snapshot<Approval>,
  now: number,
  note: string,
  more: Record<string, string> = {},
  by?: { readonly user: string; readonly name: string },
): Outcome {
  const change: Next = {
    status: 'withdrawn',
    data: { ...current.data, decision: { at: now, by: by ? [by] : [], note } },
    seen: true,
    card: true,
    lines: [lineOf('withdrawn', { note, by: by?.user })],
    audit: { event: 'withdrawn', note, ...more, ...(by && { by: by.user }) },
  };
  return next(current, change, now);
}

function expired(current: Snapshot<Approval>, now: number): Outcome {
  const { data, status } = current;
  const until = data.decision?.validUntil;
  if (status !== 'approved' || until === undefined || now < until) return refuse('nothing');
  if (data.claim !== undefined && data.terms.use === 'once') return refuse('nothing');
  const lines = [lineOf('expired', {})];
  return next(
    current,
    { status: 'expired', seen: true, card: true, lines, audit: { event: 'expired' } },
    now,
  );
}
