import { Fault } from '../kit/fault.ts';
import { createRedactor } from '../kit/redact.ts';
import type { GatewayAnswer } from './answer.ts';
import { callApi } from './call-api.ts';
import type { GatewayPorts } from './call-api.ts';
import { fillCall } from './call.ts';
import type { GatewayCall } from './call.ts';
import type { GatewayConnection } from './connection.ts';
import { nameOf, printable, statusOf } from './refusal.ts';
import { lookUp } from './template.ts';
import type { Scope } from './template.ts';

/** How to wait for what a call has begun. */
export interface Poll {
  /** `{{body.id}}` is taken from the first answer. */
  readonly path: string;
  /** Dotted way to the state in each answer. */
  readonly json: string;
  readonly equals: string;
  readonly failed?: readonly string[] | undefined;
  /** Default 5. */
  readonly everySeconds?: number | undefined;
  /** Default 900. */
  readonly timeoutSeconds?: number | undefined;
}

/** What is known when the wait begins: the first answer, and the names of the call's own templates. */
export interface PollStart {
  readonly answer: GatewayAnswer;
  readonly scope: Scope;
  /** Its headers go with each look. */
  readonly call: GatewayCall;
  readonly where: string;
}

const EVERY_SECONDS = 5;
const TIMEOUT_SECONDS = 900;
/** A state that stays the same is told again after this. */
const TELL_EVERY_MS = 60_000;
/** What was begun a moment ago may not be there yet. */
const NOT_THERE_YET = 3;

/**
 * Looks with GET until the state is the one to wait for, and returns that answer. Troubles that may pass are told and waited
 * out until the timeout. Faults: GATEWAY_FAILED for a state that means failure, GATEWAY_TIMEOUT, GATEWAY_REFUSED, TEMPLATE_INVALID.
 */
export async function pollUntil(
  poll: Poll,
  start: PollStart,
  connection: GatewayConnection,
  ports: GatewayPorts,
): Promise<GatewayAnswer> {
  const look = lookOf(poll, start);
  const begun = ports.clock.now();
  const everyMs = (poll.everySeconds ?? EVERY_SECONDS) * 1000;
  const timeoutSeconds = poll.timeoutSeconds ?? TIMEOUT_SECONDS;
  const tell = teller(look, begun, ports);
  let missing = 0;
  let pause = Math.min(everyMs, 1000);
  for (;;) {
    const left = begun + timeoutSeconds * 1000 - ports.clock.now();
    if (left <= 0) throw timedOut(look, timeoutSeconds, tell.last());
    await ports.clock.sleep(Math.min(pause, left), ports.signal);
    pause = everyMs;
    const seen = await lookOnce(look, connection, ports);
    if ('trouble' in seen) {
      missing = seen.status === 404 ? missing + 1 : 0;
      if (missing >= NOT_THERE_YET) throw seen.fault;
      tell.now(seen.trouble);
      continue;
    }
    missing = 0;
    const state = stateOf(seen.answer, poll.json);
    if (state === poll.equals) return seen.answer;
    const shown =
      state === undefined ? `no ${poll.json} in the answer` : printable(state, createRedactor(), 100);
    if (state !== undefined && poll.failed?.includes(state)) throw failedState(look, poll, shown);
    tell.now(shown);
  }
}

function lookOf(poll: Poll, { answer, scope, call, where }: PollStart): GatewayCall {
  const template = { method: 'GET', path: poll.path, retry: 'never', timeoutSeconds: undefined } as const;
  const look = fillCall(template, { ...scope, body: answer.json ?? {} }, `${where}.poll`);
  const { 'content-type': _type, 'idempotency-key': _key, ...headers } = call.headers;
  return { ...look, headers, timeoutMs: call.timeoutMs };
}

type Seen =
  | { readonly answer: GatewayAnswer }
  | { readonly trouble: string; readonly status: number | undefined; readonly fault: Fault };

const PASSING = new Set(['GATEWAY_UNREACHABLE', 'GATEWAY_TIMEOUT', 'GATEWAY_FAILED']);

async function lookOnce(
  look: GatewayCall,
  connection: GatewayConnection,
  ports: GatewayPorts,
): Promise<Seen> {
  try {
    return { answer: await callApi(look, connection, ports) };
  } catch (fault) {
    if (!(fault instanceof Fault) || ports.signal?.aborted) throw fault;
    const status = statusOf(fault);
    if (!PASSING.has(fault.code) && status !== 429 && status !== 404) throw fault;
    return { trouble: fault.message, status, fault };
  }
}

function stateOf({ json }: GatewayAnswer, path: string): string | undefined {
  const state = lookUp(path, json);
  return typeof state === 'string' || typeof state === 'number' || typeof state === 'boolean'
    ? String(state)
    : undefined;
}

function teller(look: GatewayCall, begun: number, { clock, log }: GatewayPorts) {
  let last = '';
  let toldAt = -Infinity;
  return {
    last: () => last,
    now(state: string) {
      const now = clock.now();
      if (state === last && now - toldAt < TELL_EVERY_MS) return;
      last = state;
      toldAt = now;
      log.info(`${nameOf(look)}: ${state} (after ${Math.round((now - begun) / 1000)} s)`);
    },
  };
}

function failedState(look: GatewayCall, poll: Poll, state: string): Fault {
  return new Fault('GATEWAY_FAILED', `${nameOf(look)}: ${poll.json} is ${state}`, {
    hint: 'the service itself says that it failed: look at its logs',
  });
}

function timedOut(look: GatewayCall, seconds: number, last: string): Fault {
  return new Fault(
    'GATEWAY_TIMEOUT',
    `${nameOf(look)} did not come to its end in ${seconds} s; last: ${last || 'nothing'}`,
    {
      hint: 'raise poll.timeout, or look why the service takes so long; what was begun goes on',
    },
  );
}
