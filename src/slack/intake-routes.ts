import type { Incoming, Outgoing, Route } from '../kit/incoming.ts';
import { isProbe, parseCommand } from './command.ts';
import { parseEvent } from './event.ts';
import { LONGEST_BODY } from './form.ts';
import type { AppName } from './handlers.ts';
import { parseInteraction } from './interaction.ts';
import { sentenceFor } from './intake-problem.ts';
import type { IntakeProblem } from './intake-problem.ts';
import type { EventReceiver } from './receive-events.ts';
import type { Arrival, IntakeOptions, Received, Receiver } from './receive.ts';
import type { ReplayGuard } from './replay.ts';
import { SKEW_SECONDS, verifySignature } from './signature.ts';

export interface RouteParts {
  readonly options: IntakeOptions;
  readonly guard: ReplayGuard;
  readonly receiver: Receiver;
  readonly events: EventReceiver;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * Slack's three addresses. Each refuses in one order: method, type, size, time, signature, and only then reads the body; a
 * refusal is a 4xx with a sentence, and has no effect (A9, C28).
 */
export function createIntakeRoutes(parts: RouteParts): readonly Route[] {
  return [
    route('/slack/interactions', (request) => interactions(request, parts)),
    route('/slack/commands', (request) => commands(request, parts)),
    route('/slack/events', (request) => events(request, parts)),
  ];
}

function route(path: string, handle: Route['handle']): Route {
  // Slack's addresses are few, and whoever clicks comes from one of them.
  return { method: 'POST', path, port: 'public', bodyLimit: LONGEST_BODY, rateLimit: 'none', handle };
}

async function interactions(request: Incoming, parts: RouteParts): Promise<Outgoing> {
  const arrival = verify(request, { type: FORM, apps: ['own', 'pipeline'], once: true }, parts);
  if (typeof arrival === 'string') return refuse(arrival, request, parts);
  const parsed = parseInteraction(request.body);
  if (!parsed.ok) return refuse(parsed.reason, request, parts);
  return answer(await parts.receiver.receive(parsed.value, arrival), request, parts);
}

async function commands(request: Incoming, parts: RouteParts): Promise<Outgoing> {
  // The one request that Slack does not sign: nothing is done for it (S14).
  if (hasType(request, FORM) && isProbe(request.body)) {
    parts.options.observe({ kind: 'probe' });
    return { status: 200, body: '' };
  }
  const arrival = verify(request, { type: FORM, apps: ['own'], once: true }, parts);
  if (typeof arrival === 'string') return refuse(arrival, request, parts);
  const parsed = parseCommand(request.body);
  if (!parsed.ok) return refuse(parsed.reason, request, parts);
  return answer(await parts.receiver.receive(parsed.value, arrival), request, parts);
}

async function events(request: Incoming, parts: RouteParts): Promise<Outgoing> {
  // Events are told apart by their id, which a repetition keeps.
  const arrival = verify(request, { type: JSON_TYPE, apps: ['own'], once: false }, parts);
  if (typeof arrival === 'string') return refuse(arrival, request, parts);
  const parsed = parseEvent(request.body);
  if (!parsed.ok) return refuse(parsed.reason, request, parts);
  const event = parsed.value;
  if (event.type === 'url_verification') return { status: 200, body: { challenge: event.challenge } };
  if (event.type === 'unknown') {
    parts.options.observe({ kind: 'unknown', what: `event:${event.name}` });
    return { status: 200, body: '' };
  }
  const outcome = await parts.events.receive(event, arrival);
  if (outcome === 'done') return { status: 200, body: '' };
  return outcome === 'again'
    ? { status: 503, body: 'not done yet: send it again' }
    : refuse(outcome, request, parts);
}

interface Expected {
  readonly type: string;
  readonly apps: readonly AppName[];
  /** Whether a signature counts once. */
  readonly once: boolean;
}

function verify(
  request: Incoming,
  expected: Expected,
  { options, guard }: RouteParts,
): Arrival | IntakeProblem {
  if (request.method !== 'POST') return 'wrong_method';
  if (!hasType(request, expected.type)) return 'wrong_type';
  if (request.body.length > LONGEST_BODY) return 'too_large';
  const now = options.clock.now();
  const timestamp = request.headers['x-slack-request-timestamp'];
  const signature = request.headers['x-slack-signature'];
  const check = (app: AppName) => {
    const secrets = app === 'own' ? options.own.secrets() : (options.pipeline?.secrets() ?? []);
    return verifySignature({ secrets, timestamp, signature, body: request.body, now });
  };
  const results = expected.apps.map((app) => ({ app, result: check(app) }));
  const signer = results.find(({ result }) => result === 'ok');
  if (signer === undefined) {
    const problems = results.map(({ result }) => result).filter((result) => result !== 'ok');
    return problems.find((problem) => problem !== 'no_secret') ?? 'no_secret';
  }
  const until = (Number(timestamp) + SKEW_SECONDS + 1) * 1000;
  const key = `slack/${signature}`;
  if (expected.once && !guard.firstHere(key, until, now)) return 'replayed';
  return { app: signer.app, via: 'http', receivedAt: now, key, until };
}

// A `; charset=utf-8` may follow, and two types at once are none.
function hasType(request: Incoming, type: string): boolean {
  return (request.headers['content-type'] ?? '').toLowerCase().split(';', 1)[0]?.trim() === type;
}

function answer(received: Received, request: Incoming, parts: RouteParts): Outgoing {
  if (received.kind === 'ack') return { status: 200, body: received.ack.body ?? '' };
  return refuse(received.kind === 'replayed' ? 'replayed' : received.reason, request, parts);
}

function refuse(problem: IntakeProblem, request: Incoming, { options }: RouteParts): Outgoing {
  const kind = problem === 'replayed' ? 'replayed' : 'refused';
  options.observe({ kind, at: request.route, reason: problem });
  const { status, sentence } = sentenceFor(problem);
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${sentence}\n` };
}
