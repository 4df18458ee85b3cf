import { createHash } from 'node:crypto';
import type { Schedule, Snapshot } from '../durable/machine.ts';
import type { Outcome } from './decide.ts';
import { next, refuse } from './decide-common.ts';
import { timersOf } from './decide-open.ts';
import { changedTerms, isUsedByWaiting, openedTerms, validUntil } from './record.ts';
import type { Approval } from './record.ts';

/** Many cards at once are posted as slowly as Slack takes them. */
const CARDS_WITHIN_MS = 3_600_000;

/**
 * The store was restored: votes, an end, a use after the backup are not known. What was open, and what was approved and not
 * used up, is decided anew on a new card, until its time is over; silence approves nothing then. What is final stays so.
 */
export function restored(current: Snapshot<Approval>, epoch: number, now: number): Outcome {
  if (!isInDoubt(current, now)) return refuse('nothing');
  const { data, status, effects } = current;
  const { nonce, card, votes } = data;
  // An approval is asked anew for as long as it would have been good.
  const endsAt = Math.max(data.terms.endsAt, validUntil(data) ?? 0);
  const again: Approval = {
    ...data,
    terms: changedTerms(data, { endsAt, onTimeout: 'deny' }),
    nonce: nonceAfter(nonce, epoch),
    card: undefined,
    cardsLost: undefined,
    votes: [],
    inbox: [],
    doubts: undefined,
    reminders: 0,
    detached: undefined,
    lastCall: undefined,
    decision: undefined,
    claim: undefined,
    restored: { at: epoch, nonce, card, wasApproved: status === 'approved' },
  };
  const old = effects
    .filter(({ key }) => key.startsWith('line:'))
    .map(({ key }): Schedule => ({ key, cancel: true }));
  return next(
    current,
    {
      status: 'open',
      data: again,
      seen: true,
      card: true,
      cardDue: now + CARDS_WITHIN_MS,
      schedule: [
        ...old,
        { key: 'resolve', cancel: true },
        { key: 'permalink', cancel: true },
        ...timersOf(again.terms, now),
        ...(card === undefined ? [] : [{ key: 'old_card' }]),
      ],
      audit: {
        event: 'restored',
        was: status,
        restored_at: new Date(epoch).toISOString(),
        ...(votes.length > 0 && { votes: votes.map(({ user, vote }) => ({ by: user, vote })) }),
      },
    },
    now,
  );
}

/** Whether what became of it after a backup may be something else. */
export function isInDoubt(current: Pick<Snapshot<Approval>, 'status' | 'data'>, now: number): boolean {
  const { status, data } = current;
  // What opens the one build that waited for it can be used by nobody else.
  const isSpent = isUsedByWaiting(data) || (data.claim !== undefined && openedTerms(data).use === 'once');
  const isOver = now >= (data.decision?.validUntil ?? 0);
  return status === 'open' || (status === 'approved' && !isSpent && !isOver);
}

// Old buttons are dead by it; whoever tries a decision again comes to the same one.
function nonceAfter(nonce: string, epoch: number): string {
  return createHash('sha256').update(`${nonce}\0${epoch}`).digest('base64url').slice(0, 12);
}
