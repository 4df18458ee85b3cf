import type { Snapshot } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import type { Once } from '../kit/once.ts';
import type { ApprovalRefusal } from './decide.ts';
import type { Approvals } from './machine.ts';
import type { Approval, Unresolved } from './record.ts';
import { othersToCall } from './decide-vote.ts';
import type { Roll } from './decide-vote.ts';
import { promptly } from './patience.ts';
import { mayDecide, mayDecideKnown, rollCall } from './voters.ts';
import type { Directory, Eligibility } from './voters.ts';
import { clickWords, refusalWords } from './words.ts';

export interface CastPorts {
  readonly approvals: Approvals;
  readonly directory: Directory;
  readonly clock: Clock;
  /** Told about votes that did not count, by the reason. */
  readonly refused: (reason: string) => void;
}

/** Each time somebody else has voted meanwhile. */
const MOST_TRIES = 10;
const NOBODY: Roll = { may: [], mayNot: [] };

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
  const { responseUrl: _, ...ballot } = cast;
  let current = snapshot;
  for (let tries = 1; ; tries++) {
    const found = await judged(current, cast, ports);
    if (found === 'slow')
      return told(await ports.approvals.send(current.id, { type: 'unresolved', click: cast }, once), ports);
    if (found === 'unreadable') {
      ports.refused('unreadable');
      return clickWords({ code: 'unreadable' }, current);
    }
    if (!found.ok) {
      ports.refused(found.reason);
      return refusalWords(found.reason);
    }
    const { name, roll } = found;
    const vote = { type: 'vote', ballot: { ...ballot, name }, roll: roll ?? NOBODY } as const;
    const sent = await ports.approvals.send(current.id, vote, once);
    const isOutdated = sent.refused?.code === 'recheck' && roll !== undefined && tries < MOST_TRIES;
    if (!isOutdated || sent.snapshot === undefined) return told(sent, ports);
    current = sent.snapshot;
  }
}

function told(
  sent: { readonly refused?: ApprovalRefusal | undefined; readonly snapshot: Snapshot<Approval> | undefined },
  { refused }: CastPorts,
): string | undefined {
  if (sent.refused === undefined) return undefined;
  refused(sent.refused.code);
  return clickWords(sent.refused, sent.snapshot);
}

// The roll is undefined where Slack does not say who of the others may still decide.
async function judged(
  { data }: Snapshot<Approval>,
  cast: Unresolved,
  { directory, clock }: CastPorts,
): Promise<(Eligibility & { readonly roll?: Roll | undefined }) | 'slow' | 'unreadable'> {
  const { terms } = data;
  const known = mayDecideKnown(cast.user, terms, directory);
  const others = othersToCall(data, cast);
  if (known !== undefined && (!known.ok || others.length === 0)) return { ...known, roll: NOBODY };
  const asked = Promise.all([
    known ?? mayDecide(cast.user, terms, directory),
    rollCall(others, terms, directory).catch(() => undefined),
  ]).then(
    ([found, roll]) => ({ ...found, roll }),
    (): 'unreadable' => 'unreadable',
  );
  return promptly(asked, clock);
}
