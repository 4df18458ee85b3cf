import type { Schedule, Snapshot } from '../durable/machine.ts';
import type { ApprovalEvent, Outcome } from './decide.ts';
import { CARD_WITHIN_MS, refuse, SETTLE_MS } from './decide-common.ts';
import { heldUntil } from './decide-wait.ts';
import type { Approval, Terms } from './record.ts';

/** A new request: its card is to be posted, and its timers run. */
export function opened({ terms, nonce }: ApprovalEvent & { type: 'open' }, now: number): Outcome {
  const data: Approval = { terms, nonce, revision: 1, votes: [], inbox: [], reminders: 0, lines: 0 };
  const schedule: Schedule[] = [
    { key: 'card' },
    { key: 'card_due', at: now + CARD_WITHIN_MS },
    ...timersOf(terms, now),
    ...(terms.subject === undefined ? [] : [{ key: 'supersede' }]),
  ];
  return { status: 'open', data, schedule, audit: { event: 'opened', ...auditOf(terms) } };
}

/** What an open request waits for beside votes. */
export function timersOf(terms: Terms, now: number): readonly Schedule[] {
  return [
    { key: 'timeout', at: terms.endsAt + SETTLE_MS },
    ...(terms.remindEveryMs === undefined ? [] : [{ key: 'remind', at: now + terms.remindEveryMs }]),
    ...(terms.wait ? [{ key: 'abandon', at: heldUntil(terms, now) }] : []),
  ];
}

// What was asked, for the audit: the digest covers what does not fit.
function auditOf(terms: Terms): Record<string, unknown> {
  const { title, gate, origin, token, quorum, excluded, unmatched, content, endsAt } = terms;
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
    ...(unmatched && { unmatched }),
    context: Object.fromEntries(context),
    content,
    ends_at: endsAt,
  };
}

/** The same request again, or another under its key. */
export function reopened(current: Snapshot<Approval>, { terms }: ApprovalEvent & { type: 'open' }): Outcome {
  return refuse(current.data.terms.content === terms.content ? 'same_request' : 'other_content');
}
