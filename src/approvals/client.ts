import type { Clock } from '../kit/clock.ts';
import { HttpFailure } from '../kit/http.ts';
import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import type { Secret } from '../kit/secret.ts';
import type { ApprovalView, ClaimRequest, DecisionsView, LeaveRequest, OpenRequest } from './contract.ts';
import { isUnknown, judge, refusal, unreachable } from './listener-answer.ts';
import type { Outcome } from './listener-answer.ts';
import { readApprovalView, readDecisionsView } from './read-view.ts';

/**
 * The resource's end of /v1. Faults: APPROVAL_REFUSED when the listener says no, LISTENER_REFUSED when it does not accept the
 * token, LISTENER_UNREACHABLE and LISTENER_FAILED when there was no answer of a listener for as long as the call is patient.
 */
export interface Listener {
  /** Asks; safe to repeat, because the request's key makes it the same request. */
  open(request: OpenRequest, signal?: AbortSignal): Promise<ApprovalView>;
  /**
   * The approval as it is now; undefined when the listener knows none of that id that this token may read. With a `scope`
   * (`scopeDigest`) it is refused where it was asked for elsewhere.
   */
  find(approval: string, scope?: string): Promise<ApprovalView | undefined>;
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

/** The listener is restarted in less. */
const PATIENCE_MS = 30_000;
/** A check is run again in a minute anyway. */
const CHECK_PATIENCE_MS = 1000;
const CHECK_IDLE_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const HOLD_SECONDS = 25;

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
      return await judge(response, call.read, base.host);
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
    async find(approval, scope) {
      const call: Call<ApprovalView> = {
        method: 'GET',
        path: `approvals/${encodeURIComponent(approval)}${scope === undefined ? '' : `?scope=${scope}`}`,
        what: `approval ${approval}`,
        patienceMs: PATIENCE_MS,
        read: readApprovalView,
      };
      try {
        return await send(call);
      } catch (error) {
        if (isUnknown(error)) return undefined;
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
        read: readApprovalView,
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
