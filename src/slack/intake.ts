import type { Route } from '../kit/incoming.ts';
import { createAttendant } from './attend.ts';
import { createHandlers } from './handlers.ts';
import type { Registration } from './handlers.ts';
import { deliverEnvelope } from './intake-envelopes.ts';
import type { Envelope, EnvelopeAnswer } from './intake-envelopes.ts';
import { createIntakeRoutes } from './intake-routes.ts';
import { createEventReceiver } from './receive-events.ts';
import { createReceiver } from './receive.ts';
import type { IntakeOptions } from './receive.ts';
import { createReplayGuard } from './replay.ts';

export type { IntakeEvent, IntakeOptions } from './receive.ts';

export interface Intake extends Registration {
  /** `/slack/interactions`, `/slack/commands` and `/slack/events`. */
  readonly routes: readonly Route[];
  /** Takes an envelope of a socket. */
  readonly deliver: (envelope: Envelope) => Promise<EnvelopeAnswer>;
  /** Resolves when nothing is being handled and nobody is being told anything: the process may stop. */
  idle(): Promise<void>;
}

const DEADLINE_MS = 2_500;

/**
 * The one way in for clicks, modals, commands and events, over HTTP and over a socket. A handler has decided and saved before
 * Slack is answered, and nothing on the way to it waits for Slack (S15).
 */
export function createIntake(options: IntakeOptions): Intake {
  const { clock, log, observe, deadlineMs = DEADLINE_MS } = options;
  const handlers = createHandlers();
  const attendant = createAttendant({ clock, log, observe, deadlineMs });
  const parts = {
    options,
    guard: createReplayGuard(),
    receiver: createReceiver(options, handlers, attendant),
    events: createEventReceiver(options, handlers, attendant),
  };
  return {
    ...handlers,
    routes: createIntakeRoutes(parts),
    deliver: (envelope) => deliverEnvelope(envelope, parts),
    async idle() {
      await attendant.idle();
      await options.responder.idle();
    },
  };
}
