import { raiseOf } from './narrow.ts';
import type { GatePolicy } from './policy.ts';
import type { Approval, Terms } from './record.ts';

const REASONS = ['never', 'deny', 'always'] as const;

/** What the operator's configuration says now. */
export interface OperatorsWord {
  /** The policy of a gate; undefined when it is not configured. */
  readonly policyOf: (gate: string) => GatePolicy | undefined;
  /** Names of Concourse and git, in lower case, to Slack users. */
  readonly people: ReadonlyMap<string, string>;
}

/**
 * The terms of a request under the policy that its gate has now: in each respect the stricter of the two, so that they allow
 * nothing which either of them forbids. Without a policy, because the gate is no longer configured, nobody decides. The terms
 * as they were opened stay in `present`. `asker` is whom the configuration now takes for the requester.
 */
export function tighten(terms: Terms, policy: GatePolicy | undefined, asker?: string): Terms {
  if (policy === undefined) return { ...terms, onTimeout: 'deny', present: { opened: terms, gone: true } };
  const { requester } = terms;
  const barred = policy.allowSelf ? [] : [requester, asker].filter((user) => user !== undefined);
  const raised = raiseOf(policy, requester, terms.unknown ?? 0);
  return {
    ...terms,
    quorum: Math.max(terms.quorum, policy.quorum + raised),
    denyQuorum: Math.min(terms.denyQuorum, policy.denyQuorum),
    excluded: [...new Set([...terms.excluded, ...barred])],
    raisedBy: Math.max(terms.raisedBy, raised),
    requireReason: stricter(terms.requireReason, policy.requireReason),
    onTimeout: policy.onTimeout === 'deny' ? 'deny' : terms.onTimeout,
    validForMs: Math.min(terms.validForMs, policy.validForMs),
    use: policy.use === 'once' ? 'once' : terms.use,
    present: { opened: terms, gone: false, approvers: otherApprovers(terms, policy) },
  };
}

/** A request as it was recorded, under what the operator says now. */
export function underPolicy(approval: Approval, { policyOf, people }: OperatorsWord): Approval {
  const { gate, origin } = approval.terms;
  const { created_by: by } = origin;
  const asker = by === undefined ? undefined : people.get(by.toLowerCase());
  return { ...approval, terms: tighten(approval.terms, policyOf(gate), asker) };
}

// A gate that leaves them to the pipeline has no word of its own about them.
function otherApprovers({ approvers: old }: Terms, { approvers }: GatePolicy): readonly string[] | undefined {
  if (approvers === 'from_pipeline') return undefined;
  const [then, now] = [new Set(old), new Set(approvers)];
  const isSame = then.size === now.size && approvers.every((who) => then.has(who));
  return isSame ? undefined : approvers;
}

function stricter(one: Terms['requireReason'], other: Terms['requireReason']): Terms['requireReason'] {
  return REASONS.indexOf(one) >= REASONS.indexOf(other) ? one : other;
}
