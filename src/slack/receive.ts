import { randomUUID } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Once } from '../kit/once.ts';
import type { Secret } from '../kit/secret.ts';
import type { Home } from './admission.ts';
import { admit } from './admission.ts';
import type { Attendant, Attended } from './attend.ts';
import type { Command } from './command.ts';
import type { Ack, AppName, Found, Handlers } from './handlers.ts';
import type { Interaction, KnownInteraction } from './interaction.ts';
import { printable } from './interaction.ts';
import { noticeModal } from './modal.ts';
import type { Remember } from './replay.ts';
import type { Responder } from './respond.ts';

export interface IntakeOptions {
  /** The listener's own app. The functions are asked at each request: secrets are rotated, ids are learned. */
  readonly own: { readonly appId: () => string | undefined; readonly secrets: () => readonly Secret[] };
  /** The app whose token pipelines hold; absent where both are one. */
  readonly pipeline?: { readonly appId: string; readonly secrets: () => readonly Secret[] } | undefined;
  readonly home: () => Home;
  readonly remember: Remember;
  readonly responder: Responder;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of everything that happens, for metrics; must not throw. */
  readonly observe: (event: IntakeEvent) => void;
  /** How long after its arrival a request is acknowledged at the latest; default 2500 ms of Slack's 3 s. */
  readonly deadlineMs?: number | undefined;
}

/** What a metric may count. Only `what` is chosen outside; it is short and printable. */
export type IntakeEvent =
  | Attended
  | { readonly kind: 'refused' | 'replayed'; readonly at: string; readonly reason: string }
  | { readonly kind: 'unknown'; readonly what: string }
  | { readonly kind: 'untold' | 'probe' };

/** A verified request on its way to its handler. */
export interface Arrival {
  readonly app: AppName;
  readonly via: 'http' | 'socket';
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Names this one request wherever it turns up again, and until when it could. */
  readonly key: string;
  readonly until: number;
}

export type Received =
  | { readonly kind: 'ack'; readonly ack: Ack }
  /** It came before: nothing was done. */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'refused'; readonly reason: 'wrong_app' | 'wrong_team' | 'home_unknown' };

export interface Receiver {
  receive(request: Interaction | Command, arrival: Arrival): Promise<Received>;
}

const FOREIGN = 'Only members of this workspace may do this. Nothing was changed.';
const NOT_OURS = 'This button is not on a message of the app that takes decisions. Nothing was changed.';

/** Brings clicks, modals and commands to their handlers, and says why where it does not. */
export function createReceiver(options: IntakeOptions, handlers: Handlers, attendant: Attendant): Receiver {
  const { clock, observe, responder } = options;

  const tell = (request: KnownInteraction | Command, text: string): void => {
    const url = 'responseUrl' in request ? request.responseUrl : undefined;
    if (url === undefined) return observe({ kind: 'untold' });
    void responder.tell(url, text).then((told) => told || observe({ kind: 'untold' }));
  };

  const refuse = (request: KnownInteraction | Command, reason: string, text: string): Received => {
    observe({ kind: 'refused', at: request.type, reason });
    const ack = ackSaying(request, text);
    if (ack === undefined) tell(request, text);
    return { kind: 'ack', ack: ack ?? {} };
  };

  const handle = async (
    request: KnownInteraction | Command,
    arrival: Arrival,
    found: Found,
  ): Promise<Received> => {
    let came: 'kept' | 'repeated' | undefined;
    const { key, until } = arrival;
    const once: Once = { key, until, owner: randomUUID(), ended: (as) => (came = as) };
    const remember = () => options.remember(key, until, clock.now(), once.owner);
    const run = () => found.run({ ...arrival, once, tell: (text) => tell(request, text) });
    const { ack } = await attendant.attend({
      name: found.name,
      receivedAt: arrival.receivedAt,
      tell: (text) => tell(request, text),
      ackSaying: (text) => ackSaying(request, text),
      async run() {
        if (!found.remembers) {
          if (await remember()) return run();
          came = 'repeated';
          return undefined;
        }
        try {
          return await run();
        } finally {
          // What changed nothing this time is not to change something at another; it may be that other time already.
          if (came === undefined && !(await remember())) came = 'repeated';
        }
      },
    });
    return came === 'repeated' ? { kind: 'replayed' } : { kind: 'ack', ack };
  };

  return {
    async receive(request, arrival) {
      if (request.type === 'unknown') return { kind: 'ack', ack: unhandled(options, request.name) };
      const admission = admit(request, signingApp(options, arrival.app), options.home());
      if (admission === 'foreign_user') return refuse(request, admission, FOREIGN);
      if (admission !== 'ok') return { kind: 'refused', reason: admission };
      const found = handlers.find(request, arrival.app);
      if (found === 'not_from_there') return refuse(request, 'not_own_app', NOT_OURS);
      if (found === undefined) return { kind: 'ack', ack: unhandled(options, nameOf(request), request) };
      const isButton = request.type === 'block_actions' && request.element === 'button';
      if (arrival.app === 'pipeline' && !isButton) return refuse(request, 'not_a_button', NOT_OURS);
      return handle(request, arrival, found);
    },
  };
}

/** What the app that signed is called, and is not called. */
export function signingApp(
  { own, pipeline }: IntakeOptions,
  app: AppName,
): { appId: string | undefined; notAppId: string | undefined } {
  const ownId = own.appId();
  const other = pipeline?.appId === ownId ? undefined : pipeline?.appId;
  return app === 'own'
    ? { appId: ownId, notAppId: other }
    : { appId: pipeline?.appId ?? '', notAppId: ownId };
}

/** A button with a URL sends a click too; without an answer its person sees a warning sign (S28). */
function unhandled({ log, observe }: IntakeOptions, what: string, request?: { readonly type: string }): Ack {
  log.info(`Slack sent what nothing here handles: ${what}`);
  observe({ kind: 'unknown', what });
  return request?.type === 'block_suggestion' ? { body: { options: [] } } : {};
}

/** What the person reads in the acknowledgement itself; undefined where Slack reads none. */
function ackSaying(request: KnownInteraction | Command, text: string): Ack | undefined {
  if (request.type === 'command') return { body: { response_type: 'ephemeral', text } };
  if (request.type !== 'view_submission') return undefined;
  return { body: { response_action: 'update', view: noticeModal('Not done', text) } };
}

function nameOf(request: KnownInteraction | Command): string {
  const id = () => {
    if ('actionId' in request) return request.actionId;
    if ('view' in request) return request.view?.callbackId ?? '';
    return 'callbackId' in request ? request.callbackId : request.command;
  };
  return printable(`${request.type} ${id()}`.replace(' ', ':'));
}
