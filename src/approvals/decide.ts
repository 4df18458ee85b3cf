import type { Change, Refusal, Snapshot } from '../durable/machine.ts';
import { cardGone, cardLinked, cardOverdue, cardPosted, cardRefused } from './decide-card.ts';
import { claimed } from './decide-claim.ts';
import type { Claim } from './decide-claim.ts';
import { next } from './decide-common.ts';
import { expired, overridden, superseded, takenBack, timedOut } from './decide-end.ts';
import { policyTold } from './decide-policy.ts';
import { strayFound } from './decide-stray.ts';
import { opened, reopened } from './decide-open.ts';
import { restored } from './decide-restore.ts';
import { doubted } from './decide-silence.ts';
import { abandoned, detached, held, reminded } from './decide-wait.ts';
import { unresolved, resolved, voted } from './decide-vote.ts';
import type { Ballot, Roll, Verdict } from './decide-vote.ts';
import type { Approval, Terms, Unresolved } from './record.ts';

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
  | { readonly type: 'stray_found'; readonly channel: string; readonly ts: string }
  | { readonly type: 'vote'; readonly ballot: Ballot; readonly roll: Roll }
  | { readonly type: 'unresolved'; readonly click: Unresolved }
  | { readonly type: 'doubt'; readonly user: string; readonly at: number }
  | { readonly type: 'resolved'; readonly user: string; readonly actionTs: string; readonly verdict: Verdict }
  | { readonly type: 'policy' }
  | { readonly type: 'remind' }
  | { readonly type: 'time_out'; readonly servingSince?: number }
  | { readonly type: 'held' }
  | { readonly type: 'detach'; readonly why: string }
  | { readonly type: 'abandon'; readonly servingSince: number }
  | {
      readonly type: 'withdraw';
      readonly by: { readonly user: string; readonly name: string } | undefined;
      readonly why: string;
      /** Not once it is approved: a pipeline ends what it asks, not what people have decided. */
      readonly whileOpen?: boolean;
      /** By a verb: the running listener counts it. */
      readonly byVerb?: boolean;
    }
  | { readonly type: 'override'; readonly operator: string; readonly reason: string }
  | { readonly type: 'supersede'; readonly newer: string }
  | { readonly type: 'claim'; readonly claim: Claim }
  | { readonly type: 'validity_over' }
  | { readonly type: 'restored'; readonly epoch: number }
  | { readonly type: 'published' };

/** Why an event changes nothing. */
export type ApprovalRefusal =
  | { readonly code: 'unknown' }
  | { readonly code: 'other_content' }
  | { readonly code: 'same_request' }
  | { readonly code: 'not_open' }
  | { readonly code: 'late' }
  | { readonly code: 'gate_gone' }
  | { readonly code: 'no_reason' }
  /** It would decide, with votes of people of whom nobody knows whether they still may. */
  | { readonly code: 'recheck' }
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
  /** Its own build waits for it. */
  | { readonly code: 'other_build' }
  | { readonly code: 'other_context'; readonly names: readonly string[] }
  | { readonly code: 'nothing' };

export type Outcome = Change<Approval> | Refusal<ApprovalRefusal>;

/** The table of approvals: what an event does to a request in each of its states. Pure. */
export function decideApproval(
  current: Snapshot<Approval> | undefined,
  event: ApprovalEvent,
  now: number,
): Outcome {
  if (event.type === 'open') return current === undefined ? opened(event, now) : reopened(current, event);
  if (current === undefined) return { refused: { code: 'unknown' } };
  switch (event.type) {
    case 'vote':
      return voted(current, event.ballot, event.roll, now);
    case 'unresolved':
      return unresolved(current, event.click);
    case 'doubt':
      return doubted(current, event, now);
    case 'resolved':
      return resolved(current, event, now);
    case 'claim':
      return claimed(current, event.claim, now);
    case 'card_posted':
      return cardPosted(current, event, now);
    case 'card_linked':
      return cardLinked(current, event, now);
    case 'card_gone':
      return cardGone(current, now);
    case 'card_refused':
      return cardRefused(current, event, now);
    case 'card_overdue':
      return cardOverdue(current, now);
    case 'stray_found':
      return strayFound(current, event, now);
    case 'policy':
      return policyTold(current, now);
    case 'remind':
      return reminded(current, now);
    case 'time_out':
      return timedOut(current, event.servingSince ?? 0, now);
    case 'held':
      return held(current, now);
    case 'detach':
      return detached(current, event.why, now);
    case 'abandon':
      return abandoned(current, event.servingSince, now);
    case 'supersede':
      return superseded(current, event, now);
    case 'override':
      return overridden(current, event, now);
    case 'withdraw':
      return takenBack(current, event, now);
    case 'validity_over':
      return expired(current, now);
    case 'restored':
      return restored(current, event.epoch, now);
    case 'published':
      return next(current, { schedule: [{ key: 'webhook' }] }, now);
    default:
      return event satisfies never;
  }
}
