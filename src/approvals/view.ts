import type { Snapshot } from '../durable/machine.ts';
import type { ApprovalStatus, ApprovalView } from './contract.ts';
import { openedTerms, validUntil, votesFor } from './record.ts';
import type { Approval } from './record.ts';

/** What readers of /v1 are told about an approval at a time: one whose validity is over is expired, whatever the record says. */
export function viewOf(snapshot: Snapshot<Approval>, now: number): ApprovalView {
  const { id, status, data, createdAt } = snapshot;
  const { terms, decision, claim, card } = data;
  const until = validUntil(data);
  return {
    approval: id.slice(id.indexOf('/') + 1),
    gate: terms.gate,
    status: statusAt(status, data, now),
    revision: data.revision,
    title: terms.title,
    context: terms.context,
    ...(terms.subject !== undefined && { subject: terms.subject }),
    votes: votesFor(data).length,
    quorum: decision === undefined ? terms.quorum : (decision.quorum ?? openedTerms(data).quorum),
    ...(terms.unmatched !== undefined && { unmatched: terms.unmatched }),
    approvers: decision?.by.map(({ name }) => name) ?? [],
    ...(decision?.reason !== undefined && { reason: decision.reason }),
    ...(decision?.note !== undefined && { note: decision.note }),
    asked_at: iso(createdAt),
    ends_at: iso(terms.endsAt),
    ...(decision !== undefined && { decided_at: iso(decision.at) }),
    ...(until !== undefined && { valid_until: iso(until) }),
    ...(claim !== undefined && { claimed_by: claim.label }),
    use: terms.use,
    ...(terms.forBuild === true && { for_build: true }),
    ...(card !== undefined && { channel: card.channel }),
    ...(card?.permalink !== undefined && { permalink: card.permalink }),
  };
}

/** The status at a time. */
export function statusAt(status: string, data: Approval, now: number): ApprovalStatus {
  const until = validUntil(data);
  const isSpent = data.claim !== undefined && openedTerms(data).use === 'once';
  if (status === 'approved' && until !== undefined && now >= until && !isSpent) return 'expired';
  switch (status) {
    case 'approved':
    case 'denied':
    case 'timed_out':
    case 'withdrawn':
    case 'expired':
      return status;
    default:
      return 'requested';
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
