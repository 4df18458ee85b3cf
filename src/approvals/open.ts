import { randomBytes } from 'node:crypto';
import type { Snapshot } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { OpenRequest } from './contract.ts';
import type { ApprovalEvent } from './decide.ts';
import { recordId } from './machine.ts';
import type { Approvals } from './machine.ts';
import { approvalId, contentOf, narrow } from './narrow.ts';
import type { Narrowed } from './narrow.ts';
import type { GatePolicy } from './policy.ts';
import type { Approval, Terms } from './record.ts';
import { countVoters, partiesOf } from './voters.ts';
import type { Directory } from './voters.ts';

export interface OpenPorts {
  readonly approvals: Approvals;
  readonly directory: Directory;
  readonly people: ReadonlyMap<string, string>;
  readonly clock: Clock;
}

/** What came of a request: opened or found, or why not, in sentences for the build log. */
export type Opened =
  | { readonly kind: 'opened' | 'found'; readonly snapshot: Snapshot<Approval> }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/**
 * Opens a request, or finds it: the same key with the same content is the same request, with another content a conflict.
 * When it resolves, the request is saved; the card follows. Rejects when Slack cannot say who could approve.
 */
export async function openApproval(
  request: OpenRequest,
  policy: GatePolicy,
  token: string,
  ports: OpenPorts,
): Promise<Opened> {
  const id = recordId(approvalId(token, request));
  const before = await ports.approvals.read(id);
  if (before !== undefined)
    return before.data.terms.content === contentOf(request)
      ? { kind: 'found', snapshot: await held(id, before, request, ports) }
      : { kind: 'conflict' };
  const narrowed = await termsOf(request, policy, token, ports);
  if ('problems' in narrowed) return { kind: 'invalid', problems: narrowed.problems };
  const { terms } = narrowed;
  const event: ApprovalEvent = { type: 'open', terms, nonce: randomBytes(9).toString('base64url') };
  const sent = await ports.approvals.send(id, event);
  if (sent.refused === undefined) return { kind: 'opened', snapshot: sent.snapshot };
  if (sent.refused.code === 'same_request' && sent.snapshot !== undefined)
    return { kind: 'found', snapshot: sent.snapshot };
  return { kind: 'conflict' };
}

async function termsOf(
  request: OpenRequest,
  policy: GatePolicy,
  token: string,
  { people, directory, clock }: OpenPorts,
): Promise<Narrowed> {
  try {
    const parties = await partiesOf(request, people, directory);
    const narrowed = narrow(request, policy, token, parties, clock.now());
    if ('problems' in narrowed) return narrowed;
    const terms = await withMentions(narrowed.terms, directory);
    const voters = await countVoters(terms, directory);
    return voters < terms.quorum ? { problems: [tooFew(voters, terms)] } : { terms };
  } catch (error) {
    // Another try would be refused as well.
    if (error instanceof Fault && error.code === 'SLACK_REFUSED') return { problems: [error.message] };
    throw error;
  }
}

// The same put is back, under `attempts` or after its connection was lost.
async function held(
  id: string,
  before: Snapshot<Approval>,
  { wait }: OpenRequest,
  { approvals }: OpenPorts,
): Promise<Snapshot<Approval>> {
  if (!wait || before.status !== 'open') return before;
  const { snapshot } = await approvals.send(id, { type: 'held' });
  return snapshot ?? before;
}

function tooFew(voters: number, { quorum, raisedBy, excluded }: Terms): string {
  const because = [
    ...(raisedBy > 0
      ? [`${raisedBy} more than usual, because not everybody who may not approve is known`]
      : []),
    ...(excluded.length > 0 ? [`${excluded.length} may not approve`] : []),
  ];
  const why = because.length > 0 ? ` (${because.join('; ')})` : '';
  return `${voters} ${voters === 1 ? 'person' : 'people'} could approve, ${quorum} must${why}`;
}

// An address pings nobody; who has no account is shown as it was written.
async function withMentions(terms: Terms, directory: Directory): Promise<Terms> {
  const mention = await Promise.all(
    terms.mention.map(async (who) =>
      who.includes('@') && !who.startsWith('@') ? ((await directory.byEmail(who)) ?? who) : who,
    ),
  );
  return { ...terms, mention };
}
