import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { HttpFailure, readText, UNTRUSTED_HINT } from '../kit/http.ts';
import type { Http, HttpResponse } from '../kit/http.ts';
import { tryParseJson } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import type { Secret } from '../kit/secret.ts';
import type {
  ApprovalView,
  ClaimRequest,
  DecisionsView,
  ErrorView,
  LeaveRequest,
  OpenRequest,
} from './contract.ts';
import { readApprovalView, readDecisionsView, readErrorView } from './read-view.ts';

/**
 * The resource's end of /v1. Faults: APPROVAL_REFUSED when the listener says no, LISTENER_REFUSED when it does not accept the
 * token, LISTENER_UNREACHABLE and LISTENER_FAILED when there was no answer of a listener for as long as the call is patient.
 */
export interface Listener {
  /** Asks; safe to repeat, because the request's key makes it the same request. */
  open(request: OpenRequest, signal?: AbortSignal): Promise<ApprovalView>;
  /** The approval as it is now; undefined when the listener knows none of that id. */
  find(approval: string): Promise<ApprovalView | undefined>;
  /** One try: answers when the revision is no longer `seen`, the status is final, or after 25 s; keeps the request held. */
  hold(approval: string, seen: number): Promise<ApprovalView>;
  leave(
    approval: string,
    how: 'detach' | 'withdraw',
    request: LeaveRequest,
    signal?: AbortSignal,
  ): Promise<void>;
  claim(request: ClaimRequest): Promise<ApprovalView>;
  /** Decisions that are live, oldest first; those after `from` where that one is live. */
  decisions(gate: string, emit: readonly string[], from: string | undefined): Promise<DecisionsView>;
}

export interface ListenerConfig {
  readonly url: string;
  readonly token: Secret;
}

export interface ListenerPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

interface Call<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  /** What is asked for, for the log: `ask for an approval`. */
  readonly what: string;
  /** How long to go on trying when no listener answers, in milliseconds; 0 is one try. */
  readonly patienceMs: number;
  readonly idleMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Undefined: not the answer of a listener. */
  readonly read: (answer: unknown) => T | undefined;
}

/** What one try came to. */
type Outcome<T> =
  | { readonly kind: 'ok'; readonly answer: T }
  | { readonly kind: 'refused'; readonly status: number; readonly error: ErrorView['error'] | undefined }
  /** Another try may succeed. */
  | { readonly kind: 'trouble'; readonly fault: Fault; readonly afterMs: number }
  /** Somebody else than a listener stands at this address. */
  | { readonly kind: 'stranger'; readonly fault: Fault };

/** The listener is restarted in less. */
const PATIENCE_MS = 30_000;
/** A check is run again in a minute anyway. */
const CHECK_PATIENCE_MS = 1000;
const CHECK_IDLE_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const HOLD_SECONDS = 25;
const LARGEST_ANSWER = 1024 * 1024;

export function createListener(config: ListenerConfig, ports: ListenerPorts): Listener {
  const base = new URL(config.url);
  const prefix = base.pathname.replace(/\/+$/, '');
  const attempt = async <T>(call: Call<T>): Promise<Outcome<T>> => {
    try {
      const response = await ports.http({
        method: call.method,
        origin: base.origin,
        path: `${prefix}/v1/${call.path}`,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${config.token.reveal()}`,
          ...(call.body && { 'content-type': 'application/json' }),
        },
        ...(call.body && { body: JSON.stringify(call.body) }),
        ...(call.idleMs !== undefined && { idleMs: call.idleMs }),
        signal: call.signal ?? ports.signal,
      });
      return await judge(response, call, base.host);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      return { kind: 'trouble', fault: unreachable(base.host, error), afterMs: 0 };
    }
  };
  const send = async <T>(call: Call<T>): Promise<T> => {
    const until = ports.clock.now() + call.patienceMs;
    for (let tries = 1; ; tries++) {
      const outcome = await attempt(call);
      if (outcome.kind === 'ok') return outcome.answer;
      if (outcome.kind === 'refused') throw refusal(call.what, outcome);
      if (outcome.kind === 'stranger') throw outcome.fault;
      const pause = Math.max(outcome.afterMs, Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS));
      if (ports.clock.now() + pause > until) throw outcome.fault;
      if (tries === 2) ports.log.info(`${outcome.fault.message}; trying on for ${call.patienceMs / 1000} s`);
      await ports.clock.sleep(pause * (0.75 + Math.random() / 4), call.signal ?? ports.signal);
    }
  };

  return {
    open: (body, signal) =>
      send({
        method: 'POST',
        path: 'approvals',
        body,
        what: 'to ask for an approval',
        patienceMs: PATIENCE_MS,
        signal,
        read: readApprovalView,
      }),
    async find(approval) {
      const call: Call<ApprovalView> = {
        method: 'GET',
        path: `approvals/${encodeURIComponent(approval)}`,
        what: `approval ${approval}`,
        patienceMs: PATIENCE_MS,
        read: readApprovalView,
      };
      try {
        return await send(call);
      } catch (error) {
        if (error instanceof Refusal && error.listenerCode === 'not_found') return undefined;
        throw error;
      }
    },
    hold: (approval, seen) =>
      send({
        method: 'GET',
        path: `approvals/${encodeURIComponent(approval)}?wait=${HOLD_SECONDS}&seen=${seen}&hold=true`,
        what: `approval ${approval}`,
        patienceMs: 0,
        idleMs: (HOLD_SECONDS + 15) * 1000,
        read: readApprovalView,
      }),
    async leave(approval, how, body, signal) {
      await send({
        method: 'POST',
        path: `approvals/${encodeURIComponent(approval)}/${how}`,
        body,
        what: `to ${how} approval ${approval}`,
        patienceMs: PATIENCE_MS,
        signal,
        read: (answer) => ({ answer }),
      });
    },
    claim: (body) =>
      send({
        method: 'POST',
        path: 'claims',
        body,
        what: `the claim of approval ${body.approval}`,
        patienceMs: PATIENCE_MS,
        read: readApprovalView,
      }),
    decisions: (gate, emit, from) =>
      send({
        method: 'GET',
        path: `gates/${encodeURIComponent(gate)}/decisions?${query(emit, from)}`,
        what: `the decisions of gate ${gate}`,
        patienceMs: CHECK_PATIENCE_MS,
        idleMs: CHECK_IDLE_MS,
        read: readDecisionsView,
      }),
  };
}

function query(emit: readonly string[], from: string | undefined): string {
  const pairs = [
    `emit=${emit.join(',')}`,
    ...(from === undefined ? [] : [`from=${encodeURIComponent(from)}`]),
  ];
  return pairs.join('&');
}

async function judge<T>(response: HttpResponse, call: Call<T>, host: string): Promise<Outcome<T>> {
  const { status } = response;
  const value = tryParseJson(await readText(response, LARGEST_ANSWER));
  const error = readErrorView(value);
  if (status === 429 || status >= 500) {
    const said = error?.message ?? `HTTP ${status}`;
    const fault = failed(`the listener at ${host} cannot answer now: ${said}`, "see the listener's log");
    return { kind: 'trouble', fault, afterMs: retryAfterMs(response) };
  }
  if (status === 401 || status === 403 || (status >= 400 && error)) return { kind: 'refused', status, error };
  const answer = status >= 200 && status < 300 ? call.read(value ?? {}) : undefined;
  if (answer !== undefined) return { kind: 'ok', answer };
  const text = `${host} answered HTTP ${status} without an answer of the listener`;
  return {
    kind: 'stranger',
    fault: failed(
      text,
      'check source.listener.url, and the proxy: a login page or a web server may be answering',
    ),
  };
}

function retryAfterMs({ headers }: HttpResponse): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function failed(message: string, hint: string): Fault {
  return new Fault('LISTENER_FAILED', message, { hint });
}

function unreachable(host: string, cause: HttpFailure): Fault {
  return new Fault('LISTENER_UNREACHABLE', `no answer from the listener at ${host}: ${cause.message}`, {
    hint: cause.untrusted
      ? UNTRUSTED_HINT
      : "check that the listener runs, source.listener.url, and the worker's network and proxy",
    cause,
  });
}

/** A Fault that remembers the listener's own word for it. */
class Refusal extends Fault {
  readonly listenerCode: string | undefined;

  constructor(
    ...[code, message, hint, listenerCode]: readonly [Fault['code'], string, string, string | undefined]
  ) {
    super(code, message, { hint });
    this.listenerCode = listenerCode;
  }
}

const HINTS: Readonly<Record<string, string>> = {
  invalid: 'mend what the line names',
  not_found: 'check the name; the operator of the listener knows its gates',
  conflict: 'a used or changed request stays as it is: ask again with a new build or another key',
};
const TOKEN_HINT =
  "check source.listener.token; the operator's configuration says what the token may do, and at which gates";

function refusal(
  what: string,
  { status, error }: { status: number; error: ErrorView['error'] | undefined },
): Refusal {
  const said = (error?.message ?? `HTTP ${status}`).slice(0, 2000);
  if (status === 401 || status === 403)
    return new Refusal(
      'LISTENER_REFUSED',
      `the listener refuses ${what}: ${said}`,
      error?.hint ?? TOKEN_HINT,
      error?.code,
    );
  const hint = error?.hint ?? HINTS[error?.code ?? ''] ?? '';
  return new Refusal('APPROVAL_REFUSED', `the listener refuses ${what}: ${said}`, hint, error?.code);
}

/** True for a failure that may be over at the next try: the listener is restarted, or something before it is. */
export function isTrouble(failure: unknown): boolean {
  return (
    failure instanceof Fault &&
    (failure.code === 'LISTENER_UNREACHABLE' || failure.code === 'LISTENER_FAILED')
  );
}
