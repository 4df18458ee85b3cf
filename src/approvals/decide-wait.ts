import type { Snapshot } from '../durable/machine.ts';
import type { Outcome } from './decide.ts';
import { isOpen, lineOf, next, refuse } from './decide-common.ts';
import { withdrawn } from './decide-end.ts';
import type { Approval } from './record.ts';
import { votesFor } from './record.ts';

const MOST_REMINDERS = 100;
/** A waiting put asks again every 25 s: with less than this left, the next one could come too late. */
const HELD_ENOUGH_MS = 45_000;

/** A line in the thread says that it still waits. */
export function reminded(current: Snapshot<Approval>, now: number): Outcome {
  const { data } = current;
  const { remindEveryMs, quorum, endsAt } = data.terms;
  if (!isOpen(current) || remindEveryMs === undefined) return refuse('nothing');
  const again = data.reminders + 1 < MOST_REMINDERS && now + remindEveryMs < endsAt;
  const missing = quorum - votesFor(data).length;
  return next(
    current,
    {
      data: { ...data, reminders: data.reminders + 1 },
      lines: [lineOf('reminder', { missing, ends: endsAt })],
      schedule: again ? [{ key: 'remind', at: now + remindEveryMs }] : [],
    },
    now,
  );
}

/** A waiting put has asked again. */
export function held(current: Snapshot<Approval>, now: number): Outcome {
  const { data, effects } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('nothing');
  const until = effects.find(({ key }) => key === 'abandon')?.nextAt ?? 0;
  const back = data.detached === true;
  // A write for each poll would wear the store out: half of the lease may go by.
  const enough = Math.max(data.terms.abandonAfterMs / 2, HELD_ENOUGH_MS);
  if (!back && until - now > enough) return refuse('nothing');
  return next(
    current,
    {
      data: back ? { ...data, detached: undefined } : data,
      ...(back && {
        card: true,
        seen: true,
        lines: [lineOf('back', {})],
        audit: { event: 'the waiting build came back' },
      }),
      schedule: [{ key: 'abandon', at: now + data.terms.abandonAfterMs }],
    },
    now,
  );
}

/** A waiting put says that it stops. */
export function detached(current: Snapshot<Approval>, why: string, now: number): Outcome {
  const { data } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('not_open');
  if (data.detached === true) return refuse('nothing');
  return next(
    current,
    {
      data: { ...data, detached: true },
      card: true,
      seen: true,
      lines: [lineOf('detached', { why })],
      schedule: [{ key: 'abandon', at: now + data.terms.abandonAfterMs }],
      audit: { event: 'the waiting build stopped', why },
    },
    now,
  );
}

/** Nobody has asked for long. While the listener itself was away nobody could: the wait begins anew when it is back. */
export function abandoned(current: Snapshot<Approval>, servingSince: number, now: number): Outcome {
  if (!isOpen(current)) return refuse('nothing');
  const due = servingSince + current.data.terms.abandonAfterMs;
  if (now < due) return next(current, { schedule: [{ key: 'abandon', at: due }] }, now);
  return withdrawn(current, now, 'build stopped');
}
