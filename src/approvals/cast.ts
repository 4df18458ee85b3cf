import type { Snapshot } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import type { Once } from '../kit/once.ts';
import type { ApprovalRefusal } from './decide.ts';
import type { Approvals } from './machine.ts';
import type { Approval, Unresolved } from './record.ts';
import { mayDecide, mayDecideKnown } from './voters.ts';
import type { Directory, Eligibility } from './voters.ts';
import { clickWords, refusalWords } from './words.ts';

export interface CastPorts {
  readonly approvals: Approvals;
  readonly directory: Directory;
  readonly clock: Clock;
  /** Told about votes that did not count, by the reason. */
  readonly refused: (reason: string) => void;
}

/** Slack is given this long to say who the person is, before the click is saved as it is and decided afterwards. */
const PATIENCE_MS = 300;

/**
 * Counts a vote. When it resolves, the vote, or the click itself, is on disk, and with it that it came: only then may it be
 * acknowledged (S15). Resolves to what the person is to be told, if anything.
 */
export async function castVote(
  snapshot: Snapshot<Approval>,
  cast: Unresolved,
  once: Once,
  ports: CastPorts,
): Promise<string | undefined> {
  const found = await eligibility(snapshot, cast, ports);
  if (found === 'slow')
    return told(await ports.approvals.send(snapshot.id, { type: 'unresolved', click: cast }, once), ports);
  if (found === 'unreadable') {
    ports.refused('unreadable');
    return clickWords({ code: 'unreadable' }, snapshot);
  }
  if (!found.ok) {
    ports.refused(found.reason);
    return refusalWords(found.reason);
  }
  const { responseUrl: _, ...ballot } = cast;
  const vote = { type: 'vote', ballot: { ...ballot, name: found.name } } as const;
  return told(await ports.approvals.send(snapshot.id, vote, once), ports);
}

function told(
  sent: { readonly refused?: ApprovalRefusal | undefined; readonly snapshot: Snapshot<Approval> | undefined },
  { refused }: CastPorts,
): string | undefined {
  if (sent.refused === undefined) return undefined;
  refused(sent.refused.code);
  return clickWords(sent.refused, sent.snapshot);
}

async function eligibility(
  { data }: Snapshot<Approval>,
  { user }: Unresolved,
  { directory, clock }: CastPorts,
): Promise<Eligibility | 'slow' | 'unreadable'> {
  const known = mayDecideKnown(user, data.terms, directory);
  if (known !== undefined) return known;
  const over = new AbortController();
  const asked = mayDecide(user, data.terms, directory).catch((): 'unreadable' => 'unreadable');
  const slow = clock.sleep(PATIENCE_MS, over.signal).then(
    (): 'slow' => 'slow',
    (): 'slow' => 'slow',
  );
  const first = await Promise.race([asked, slow]);
  over.abort();
  return first;
}
