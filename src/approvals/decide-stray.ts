import type { Snapshot } from '../durable/machine.ts';
import type { ApprovalEvent, Outcome } from './decide.ts';
import { next, refuse } from './decide-common.ts';
import type { Approval } from './record.ts';

/** Others are only copies that somebody makes. */
const MOST_STRAYS = 5;

/** The effect that deals with a second card: of its kind, so that an older release draws the card anew and does no harm. */
const STRAY_KEY = 'card:stray:';

/** A second card of the request was clicked: it is told once where the card is, and loses its buttons. */
export function strayFound(
  current: Snapshot<Approval>,
  { channel, ts }: ApprovalEvent & { type: 'stray_found' },
  now: number,
): Outcome {
  const { data } = current;
  const { card, strays = [] } = data;
  const isKnown = [card, ...strays].some((one) => one?.channel === channel && one.ts === ts);
  if (card === undefined || isKnown || strays.length >= MOST_STRAYS) return refuse('nothing');
  return next(
    current,
    {
      data: { ...data, strays: [...strays, { channel, ts }] },
      schedule: [{ key: `${STRAY_KEY}${strays.length + 1}`, data: { channel, ts } }],
      audit: { event: 'a second card was found', channel, ts },
    },
    now,
  );
}

/** Whether an effect deals with a second card. */
export function isOfStray(key: string): boolean {
  return key.startsWith(STRAY_KEY);
}
