import { randomBytes } from 'node:crypto';
import type { Snapshot } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { OpenRequest } from './contract.ts';
import type { ApprovalEvent } from './decide.ts';
import { labelOf } from './decide-claim.ts';
import { recordId } from './machine.ts';
import type { Approvals } from './machine.ts';
import { approvalId, contentOf, narrow } from './narrow.ts';
import type { Narrowed } from './narrow.ts';
import type { GatePolicy } from './policy.ts';
import type { Approval, Terms } from './record.ts';
import type { MostOpen, OpenSlots } from './take-slots.ts';
import { countVoters, partiesOf } from './voters.ts';
import type { Directory } from './voters.ts';

export interface OpenPorts {
  readonly approvals: Approvals;
  readonly directory: Directory;
  readonly people: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly slots: Pick<OpenSlots, 'take'>;
}

/** The token that asks. */
export interface Asker {
  readonly name: string;
  /** How many of its requests may be open at once. */
  readonly maxOpen: number;
}

/** What came of a request: opened or found, or why not, in sentences for the build log. */
export type Opened =
  | { readonly kind: 'opened' | 'found'; readonly snapshot: Snapshot<Approval> }
  | { readonly kind: 'conflict' }
  /** The same request, which waits for another build or was decided for it. */
  | { readonly kind: 'taken'; readonly by: string }
  /** The token or the gate has so many open requests that no further one may be opened. */
  | { readonly kind: 'full'; readonly of: keyof MostOpen; readonly most: number }
  | { readonly kind: 'invalid'; readonly problems: readonly string[]; readonly hint?: string | undefined };

/**
 * Opens a request, or finds it: the same key with the same content is the same request, with another content a conflict.
 * When it resolves, the request is saved; the card follows. Rejects when Slack cannot say who could approve.
 */
export async function openApproval(
  request: OpenRequest,
  policy: GatePolicy,
  asker: Asker,
  ports: OpenPorts,
): Promise<Opened> {
  const approval = approvalId(asker.name, request);
  const id = recordId(approval);
  const before = await ports.approvals.read(id);
  if (before !== undefined) return found(before, request, ports);
  const narrowed = await termsOf(request, policy, asker.name, ports);
  if ('problems' in narrowed) return { kind: 'invalid', ...narrowed };
  const { terms } = narrowed;
  const most: MostOpen = { token: asker.maxOpen, gate: policy.maxOpen };
  const full = await ports.slots.take(approval, terms, most);
  if (full !== undefined) return { kind: 'full', of: full, most: most[full] };
  const event: ApprovalEvent = { type: 'open', terms, nonce: randomBytes(9).toString('base64url') };
  const sent = await ports.approvals.send(id, event);
  if (sent.refused === undefined) return { kind: 'opened', snapshot: sent.snapshot };
  if (sent.refused.code === 'same_request' && sent.snapshot !== undefined)
    return found(sent.snapshot, request, ports);
  return { kind: 'conflict' };
}

// What a put waits for opens that build alone, where a decision may be used once: a key chosen by hand is no second use (C26).
async function found(before: Snapshot<Approval>, request: OpenRequest, ports: OpenPorts): Promise<Opened> {
  const { terms } = before.data;
  if (terms.content !== contentOf(request)) return { kind: 'conflict' };
  if (terms.wait && terms.use === 'once' && terms.origin.build_id !== request.origin.build_id)
    return { kind: 'taken', by: labelOf(terms.origin) };
  return { kind: 'found', snapshot: await held(before, request, ports) };
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
    if (voters >= terms.quorum) return { terms };
    const unexplained = voters === 0 && terms.excluded.length === 0 && terms.narrowed === undefined;
    return { problems: [tooFew(voters, terms)], hint: unexplained ? NOBODY : undefined };
  } catch (error) {
    // Another try would be refused as well.
    if (error instanceof Fault && error.code === 'SLACK_REFUSED')
      return {
        problems: [error.message],
        hint: error.hint?.replaceAll('source.slack.token', "the listener's slack.bot_token"),
      };
    throw error;
  }
}

// The same put is back, under `attempts` or after its connection was lost.
async function held(
  before: Snapshot<Approval>,
  { wait }: OpenRequest,
  { approvals }: OpenPorts,
): Promise<Snapshot<Approval>> {
  if (!wait || before.status !== 'open') return before;
  const { snapshot } = await approvals.send(before.id, { type: 'held' });
  return snapshot ?? before;
}

const NOBODY =
  'only full, active members of the listener’s workspace count: its log says when slack.team_id is another one';

function tooFew(voters: number, { quorum, raisedBy, unmatched, excluded, narrowed }: Terms): string {
  const names = unmatched === undefined ? '' : `: nobody in Slack is ${unmatched.join(', ')}`;
  const because = [
    ...(narrowed === undefined ? [] : ['of approvers only those count whom the gate names']),
    ...(raisedBy > 0
      ? [`${raisedBy} more than usual, because not everybody who may not approve is known${names}`]
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
