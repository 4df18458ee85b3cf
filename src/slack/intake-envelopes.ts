import { readCommand } from './command.ts';
import { readEvent } from './event.ts';
import { printable, readInteraction } from './interaction.ts';
import { checkPayload } from './payload.ts';
import type { EventReceiver } from './receive-events.ts';
import type { Arrival, IntakeOptions, Receiver } from './receive.ts';
import type { ReplayGuard } from './replay.ts';

/** What Slack sends through a socket. */
export interface Envelope {
  readonly id: string;
  /** `interactive`, `slash_commands`, `events_api`, … */
  readonly type: string;
  readonly payload: unknown;
}

/** `acknowledge` is false for an event that failed: Slack is to send it again. */
export interface EnvelopeAnswer {
  readonly acknowledge: boolean;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
}

export interface EnvelopeParts {
  readonly options: IntakeOptions;
  readonly guard: ReplayGuard;
  readonly receiver: Receiver;
  readonly events: EventReceiver;
}

const LIFE_MS = 60 * 60_000;
const ACKNOWLEDGED: EnvelopeAnswer = { acknowledge: true };

/**
 * The same way in as over HTTP, without a signature: the socket was opened with the app's own token. What cannot be read is
 * acknowledged all the same: it would only come again.
 */
export async function deliverEnvelope(envelope: Envelope, parts: EnvelopeParts): Promise<EnvelopeAnswer> {
  const { options, guard, receiver, events } = parts;
  const now = options.clock.now();
  const until = now + LIFE_MS;
  const key = `slack/envelope/${envelope.id}`;
  const arrival: Arrival = { app: 'own', via: 'socket', receivedAt: now, key, until };
  const refuse = (reason: string): EnvelopeAnswer => {
    options.observe({ kind: reason === 'replayed' ? 'replayed' : 'refused', at: 'socket', reason });
    return ACKNOWLEDGED;
  };

  const payload = checkPayload(envelope.payload);
  if (!payload.ok) return refuse(payload.reason);
  switch (envelope.type) {
    case 'interactive':
    case 'slash_commands': {
      if (!guard.firstHere(key, until, now)) return refuse('replayed');
      const read = envelope.type === 'interactive' ? readInteraction : readCommand;
      const parsed = read(payload.value);
      if (!parsed.ok) return refuse(parsed.reason);
      const received = await receiver.receive(parsed.value, arrival);
      if (received.kind !== 'ack') return refuse(received.kind === 'replayed' ? 'replayed' : received.reason);
      return { acknowledge: true, payload: received.ack.body };
    }
    case 'events_api': {
      const parsed = readEvent(payload.value);
      if (!parsed.ok) return refuse(parsed.reason);
      if (parsed.value.type !== 'event_callback') return refuse('incomplete');
      const outcome = await events.receive(parsed.value, arrival);
      if (outcome === 'again') return { acknowledge: false };
      return outcome === 'done' ? ACKNOWLEDGED : refuse(outcome);
    }
    default:
      options.observe({ kind: 'unknown', what: `envelope:${printable(envelope.type)}` });
      return ACKNOWLEDGED;
  }
}
