import { messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Store } from '../store/store.ts';
import { isNews } from './decide-policy.ts';
import type { Approvals } from './machine.ts';
import { APPROVAL_SCHEMA, readApproval } from './record.ts';
import { underPolicy } from './tighten.ts';
import type { OperatorsWord } from './tighten.ts';

export interface TellPorts extends OperatorsWord {
  readonly approvals: Approvals;
  readonly log: Log;
}

/**
 * Tells each open request of the policy that its gate has now, so that its card and its audit say so, and logs those whose
 * gate is no longer configured. Clicks go by that policy whether they were told or not. Never rejects.
 */
export async function tellPolicies(
  store: Pick<Store, 'list'>,
  signal: AbortSignal,
  { approvals, log, ...word }: TellPorts,
): Promise<void> {
  try {
    for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
      const page = await store.list({ kind: 'approval', status: 'open' }, next);
      for (const { id, data, schema } of page.records) {
        if (signal.aborted) return;
        // A newer release, or none, knows what it says.
        if (schema > APPROVAL_SCHEMA) continue;
        const approval = underPolicy(readApproval(data), word);
        const { gate, present } = approval.terms;
        if (present?.gone === true) log.warn(`${id} waits at the gate ${gate}, which is not configured`);
        if (isNews(approval)) await approvals.send(id, { type: 'policy' });
      }
      next = page.next;
    }
  } catch (error) {
    log.warn(`not all open requests were told of the policies of now: ${messageOf(error)}`);
  }
}
