import { randomUUID } from 'node:crypto';
import { admit } from './admission.ts';
import type { Attendant } from './attend.ts';
import type { EventCallback } from './event.ts';
import type { Handlers } from './handlers.ts';
import { signingApp } from './receive.ts';
import type { Arrival, IntakeOptions } from './receive.ts';

export type EventOutcome = 'done' | 'again' | 'wrong_app' | 'wrong_team' | 'home_unknown';

export interface EventReceiver {
  /** `again`: it failed or is not done yet, and Slack is to send it once more. */
  receive(event: EventCallback, arrival: Arrival): Promise<EventOutcome>;
}

const MOST_KEPT = 5_000;
/** Slack repeats an event that fails for about an hour (S16). */
const REPEATED_FOR_MS = 2 * 3600_000;

/**
 * Brings events to their handlers. Slack repeats an event that was not answered (S16): what is running or done here is not run
 * again. After a restart it is, so handlers key what they do by the event's own ids.
 */
export function createEventReceiver(
  options: IntakeOptions,
  handlers: Handlers,
  attendant: Attendant,
): EventReceiver {
  const known = new Map<string, 'running' | 'done'>();
  const mark = (id: string, state: 'running' | 'done'): void => {
    for (const oldest of known.keys()) {
      if (known.size < MOST_KEPT) break;
      known.delete(oldest);
    }
    known.set(id, state);
  };

  return {
    async receive({ event, eventId, ...named }, arrival) {
      const admission = admit(named, signingApp(options, arrival.app), options.home());
      if (admission !== 'ok') return admission === 'foreign_user' ? 'wrong_team' : admission;
      const step = event.type === 'function_executed' ? event : undefined;
      const found = step && handlers.find({ step, eventId, teamId: named.teamId }, arrival.app);
      if (found === undefined || found === 'not_from_there') {
        options.observe({ kind: 'unknown', what: step ? 'function_executed' : `event:${nameOf(event)}` });
        return 'done';
      }
      const state = known.get(eventId);
      if (state !== undefined) {
        options.observe({ kind: 'replayed', at: 'event', reason: state });
        return state === 'done' ? 'done' : 'again';
      }
      mark(eventId, 'running');
      const outcome = await attendant.attend({
        name: found.name,
        receivedAt: arrival.receivedAt,
        tell: () => options.observe({ kind: 'untold' }),
        ackSaying: () => ({}),
        async run() {
          try {
            const once = {
              key: `slack/event/${eventId}`,
              owner: randomUUID(),
              until: arrival.receivedAt + REPEATED_FOR_MS,
              ended: () => undefined,
            };
            const tell = () => options.observe({ kind: 'untold' });
            const ack = await found.run({ ...arrival, once, tell });
            mark(eventId, 'done');
            return ack;
          } catch (error) {
            known.delete(eventId);
            throw error;
          }
        },
      });
      return outcome.kind === 'done' ? 'done' : 'again';
    },
  };
}

function nameOf(event: EventCallback['event']): string {
  return event.type === 'other' ? event.name : event.type;
}
