import type { Snapshot } from '../durable/machine.ts';
import type { ApprovalEvent, Outcome } from './decide.ts';
import { CARD_WITHIN_MS, isOpen, next, refuse } from './decide-common.ts';
import { withdrawn } from './decide-end.ts';
import type { Approval } from './record.ts';

/** Its buttons count from now on. */
export function cardPosted(
  current: Snapshot<Approval>,
  event: ApprovalEvent & { type: 'card_posted' },
  now: number,
): Outcome {
  const { channel, ts } = event;
  return next(
    current,
    {
      data: { ...current.data, card: { channel, ts, at: now } },
      seen: true,
      schedule: [
        { key: 'card_due', cancel: true },
        { key: 'permalink' },
        ...(isOpen(current) ? [] : [{ key: 'card' }]),
      ],
      audit: { event: 'card posted', channel, ts },
    },
    current.updatedAt,
  );
}

/** The address of the card, for those who look for it. */
export function cardLinked(
  current: Snapshot<Approval>,
  { permalink }: ApprovalEvent & { type: 'card_linked' },
  now: number,
): Outcome {
  const { card } = current.data;
  if (card === undefined) return refuse('nothing');
  return next(current, { data: { ...current.data, card: { ...card, permalink } }, seen: true }, now);
}

/** Somebody deleted it, or it can no longer be changed: another takes its place while the request is open (A39). */
export function cardGone(current: Snapshot<Approval>, now: number): Outcome {
  const { data } = current;
  if (data.card === undefined) return refuse('nothing');
  return next(
    current,
    {
      data: { ...data, card: undefined, cardsLost: (data.cardsLost ?? 0) + 1 },
      ...(isOpen(current) && { card: true, cardDue: now + CARD_WITHIN_MS }),
    },
    now,
  );
}

/** Slack will never take it: nobody could decide. */
export function cardRefused(
  current: Snapshot<Approval>,
  { why }: ApprovalEvent & { type: 'card_refused' },
  now: number,
): Outcome {
  return isOpen(current)
    ? withdrawn(current, now, `the card could not be posted to ${current.data.terms.channel}: ${why}`)
    : refuse('nothing');
}

/** It should be there by now. */
export function cardOverdue(current: Snapshot<Approval>, now: number): Outcome {
  if (!isOpen(current) || current.data.card !== undefined) return refuse('nothing');
  const why = current.effects.find(({ key }) => key === 'card')?.lastError;
  const time = current.data.restored === undefined ? 'a minute' : 'an hour';
  const note = `the card could not be posted within ${time}${why === undefined ? '' : `: ${why}`}`;
  return withdrawn(current, now, note);
}
