import { createHash } from 'node:crypto';
import type { Snapshot } from '../durable/machine.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import type { Outcome } from './decide.ts';
import { isOpen, lineOf, next, refuse } from './decide-common.ts';
import { openedTerms } from './record.ts';
import type { Approval, Terms } from './record.ts';

const MOST_NAMED = 50;

/** The gate has another policy than when its people were last told: the card, the thread and the audit say so. */
export function policyTold(current: Snapshot<Approval>, now: number): Outcome {
  const { data } = current;
  if (!isOpen(current) || !isNews(data)) return refuse('nothing');
  const { quorum, denyQuorum, excluded, requireReason, onTimeout, present } = data.terms;
  const gone = present?.gone === true;
  return next(
    current,
    {
      data: { ...data, rules: digestOf(data.terms) },
      seen: true,
      card: true,
      lines: [lineOf('policy', { quorum, gone })],
      audit: {
        event: gone ? 'the gate is gone' : 'the policy of the gate changed',
        quorum,
        deny_quorum: denyQuorum,
        ...(present?.approvers && { also_in: present.approvers.slice(0, MOST_NAMED) }),
        excluded: excluded.slice(0, MOST_NAMED),
        require_reason: requireReason,
        on_timeout: onTimeout,
      },
    },
    now,
  );
}

/** Whether an open request is decided by other rules than those that its card was last said to have. */
export function isNews(data: Approval): boolean {
  return digestOf(data.terms) !== (data.rules ?? digestOf(openedTerms(data)));
}

function digestOf(terms: Terms): string {
  const { quorum, denyQuorum, excluded, requireReason, onTimeout, present } = terms;
  const rules = [quorum, denyQuorum, excluded, requireReason, onTimeout];
  return createHash('sha256')
    .update(canonicalJson([...rules, present?.approvers ?? [], present?.gone ?? false]))
    .digest('base64url')
    .slice(0, 22);
}
