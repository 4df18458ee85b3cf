import type { Snapshot } from '../durable/machine.ts';
import type { Outcome } from './decide.ts';
import { isOpen, lineOf, next, refuse } from './decide-common.ts';
import type { Next } from './decide-common.ts';
import { withdrawn } from './decide-end.ts';
import type { Approval, Terms } from './record.ts';
import { votesFor } from './record.ts';

const MOST_REMINDERS = 100;
/**
 * How much longer than `abandon_after` a put is given at a time: a write for each of its polls, every 25 s, would wear the store
 * out. Whenever it was last heard, `abandon_after` is still left.
 */
const MOST_SPARE_MS = 60_000;
/**
 * Then the request is withdrawn only after this, if the put is not heard in it either. It is longer than a put is silent whose
 * listener can be reached again: 40 s for an answer that never comes, and 10 s until the next try.
 */
const LAST_CALL_MS = 60_000;

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

/** Until when a put that is heard now need not be heard again. */
export function heldUntil({ abandonAfterMs }: Terms, now: number): number {
  return now + abandonAfterMs + Math.min(abandonAfterMs / 2, MOST_SPARE_MS);
}

/** A waiting put has asked again. */
export function held(current: Snapshot<Approval>, now: number): Outcome {
  const { data, effects } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('nothing');
  const until = effects.find(({ key }) => key === 'abandon')?.nextAt ?? 0;
  const back = data.detached === true;
  if (!back && until - now >= data.terms.abandonAfterMs) return refuse('nothing');
  return next(
    current,
    {
      data: back ? { ...data, detached: undefined, lastCall: undefined } : data,
      ...(back && {
        card: true,
        seen: true,
        lines: [lineOf('back', {})],
        audit: { event: 'the waiting build came back' },
      }),
      schedule: [{ key: 'abandon', at: heldUntil(data.terms, now) }],
    },
    now,
  );
}

/** A waiting put says that it stops. */
export function detached(current: Snapshot<Approval>, why: string, now: number): Outcome {
  const { data } = current;
  if (!isOpen(current) || !data.terms.wait) return refuse('not_open');
  if (data.detached === true) return refuse('nothing');
  return next(current, leaving(data, why, now + data.terms.abandonAfterMs), now);
}

function leaving(data: Approval, why: string, until: number): Next {
  return {
    data: { ...data, detached: true },
    card: true,
    seen: true,
    lines: [lineOf('detached', { why })],
    schedule: [{ key: 'abandon', at: until }],
    audit: { event: 'the waiting build stopped', why },
  };
}

/**
 * Nobody has asked for long. That counts only while somebody could: after a break of the listener's own the wait begins anew,
 * and there is a last call, because what stands between it and the put can have a break that it does not see.
 */
export function abandoned(current: Snapshot<Approval>, servingSince: number, now: number): Outcome {
  if (!isOpen(current)) return refuse('nothing');
  const { data } = current;
  const { lastCall, ...rest } = data;
  const due = servingSince + data.terms.abandonAfterMs;
  if (now < due) return next(current, { data: rest, schedule: [{ key: 'abandon', at: due }] }, now);
  const until = (lastCall ?? now) + LAST_CALL_MS;
  if (now >= until) return withdrawn(current, now, 'build stopped');
  const called = { ...data, lastCall: lastCall ?? now };
  if (data.detached !== true) return next(current, leaving(called, 'no word from it', until), now);
  return next(current, { data: called, schedule: [{ key: 'abandon', at: until }] }, now);
}
