import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { HttpFailure, readText, UNTRUSTED_HINT } from '../kit/http.ts';
import type { Http, HttpResponse } from '../kit/http.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import { isRetryable } from '../kit/retry.ts';
import type { Secret } from '../kit/secret.ts';
import { refusalOf } from './refusal.ts';

export type SlackAnswer = Readonly<Record<string, unknown>>;

/**
 * How a method may be repeated. `read`: as often as needed, it changes nothing or the same thing. `once`: only when Slack
 * provably did not act on it, because a repeat would post twice: it has no idempotency key (S11).
 */
export type RetryRule = 'read' | 'once';

export interface Slack {
  /** Calls a Web API method and returns its `ok: true` answer. Faults: SLACK_*. */
  call(method: string, args: Readonly<Record<string, unknown>>, rule: RetryRule): Promise<SlackAnswer>;
}

export interface SlackPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

export interface SlackConfig {
  readonly token: Secret;
  /** Ends in a slash. */
  readonly apiUrl: string;
}

/** What one attempt came to, before anybody decides whether to try again. */
type Outcome =
  | { readonly kind: 'ok'; readonly answer: SlackAnswer }
  | { readonly kind: 'refused'; readonly error: string; readonly answer: SlackAnswer }
  | { readonly kind: 'limited'; readonly seconds: number }
  | {
      readonly kind: 'failed';
      readonly what: string;
      readonly acted: 'no' | 'unknown';
      readonly cause?: unknown;
    };

const TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** Waiting for rate limits ends after this long in all; a longer wait is for the pipeline's author to decide. */
const LONGEST_LIMIT_MS = 300_000;

/** A thin Web API client: its own retry rules, a timeout on every call, `Retry-After` honoured per call (S12). */
export function createSlack(config: SlackConfig, ports: SlackPorts): Slack {
  const api = new URL(config.apiUrl);
  const attempt = async (method: string, body: string, fresh: boolean): Promise<Outcome> => {
    try {
      const response = await ports.http({
        method: 'POST',
        origin: api.origin,
        path: api.pathname + method,
        headers: {
          authorization: `Bearer ${config.token.reveal()}`,
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        },
        body,
        fresh,
        signal: ports.signal,
      });
      return await judge(response);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      return { kind: 'failed', what: error.message, acted: error.sent ? 'unknown' : 'no', cause: error };
    }
  };

  return {
    async call(method, args, rule) {
      const body = encodeForm(args);
      let limitedMs = 0;
      for (let tries = 1; ; tries++) {
        const outcome = await attempt(method, body, rule === 'once');
        if (outcome.kind === 'ok') return outcome.answer;
        if (outcome.kind === 'refused') throw refusalOf(method, outcome.error, outcome.answer, args);
        if (outcome.kind === 'limited') {
          const pause = Math.max(outcome.seconds, 1) * 1000;
          limitedMs += pause;
          if (limitedMs > LONGEST_LIMIT_MS)
            throw rateLimited(method, outcome.seconds, (limitedMs - pause) / 1000);
          tries -= 1;
          ports.log.info(`Slack asks to wait ${outcome.seconds} s before ${method}`);
          await ports.clock.sleep(pause, ports.signal);
          continue;
        }
        const mayRepeat = rule === 'read' || outcome.acted === 'no';
        if (!mayRepeat) throw unknownOutcome(method, outcome);
        if (tries >= TRIES) throw gaveUp(method, api.host, outcome);
        await ports.clock.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), ports.signal);
      }
    },
  };
}

async function judge(response: HttpResponse): Promise<Outcome> {
  if (response.status === 429) {
    response.body.resume();
    return { kind: 'limited', seconds: retryAfter(response) };
  }
  const answer = tryParseJson(await readText(response));
  if (!isRecord(answer) || typeof answer['ok'] !== 'boolean') {
    // A gateway's 5xx or an HTML page tells nothing about what Slack did with the request.
    const acted = response.status >= 300 && response.status < 500 ? 'no' : 'unknown';
    return { kind: 'failed', what: `HTTP ${response.status} without a Slack answer`, acted };
  }
  if (answer['ok']) return { kind: 'ok', answer };
  const error = typeof answer['error'] === 'string' ? answer['error'] : 'no reason given';
  if (error === 'ratelimited' || error === 'rate_limited')
    return { kind: 'limited', seconds: retryAfter(response) };
  if (isServerError(error) || isRetryable(response.status)) {
    return { kind: 'failed', what: error, acted: 'unknown' };
  }
  return { kind: 'refused', error, answer };
}

// "It's possible some aspect of the operation succeeded before the error was raised": Slack's words for both.
function isServerError(error: string): boolean {
  return ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'].includes(error);
}

function retryAfter(response: HttpResponse): number {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 1;
}

function rateLimited(method: string, seconds: number, waited: number): Fault {
  const more = waited > 0 ? ` more, after ${waited} s of waiting` : '';
  return new Fault('SLACK_RATE_LIMITED', `Slack limits ${method}: asks to wait ${seconds} s${more}`, {
    hint: 'too many messages from this app: post less often, or to fewer channels at once',
  });
}

function unknownOutcome(method: string, outcome: { what: string; cause?: unknown }): Fault {
  return new Fault(
    'SLACK_OUTCOME_UNKNOWN',
    `no clear answer to ${method}: ${outcome.what}; not sent again, it may have been done`,
    {
      hint: 'look into the channel before you run the step again: a second run posts a second message',
      cause: outcome.cause,
    },
  );
}

function gaveUp(
  method: string,
  host: string,
  outcome: { what: string; cause?: unknown; acted: string },
): Fault {
  const text = `${method} failed ${TRIES} times: ${outcome.what}`;
  if (outcome.cause instanceof HttpFailure) {
    return new Fault('SLACK_UNREACHABLE', `no answer from ${host}: ${text}`, {
      hint: outcome.cause.untrusted
        ? UNTRUSTED_HINT
        : "check the worker's network, proxy and CAs, and source.slack.api_url",
      cause: outcome.cause,
    });
  }
  // Slack's own faults are JSON or a 5xx; anything else comes from somebody in between.
  const hint =
    outcome.acted === 'no'
      ? 'check source.slack.api_url and the proxy: a login page or a web server may be answering'
      : 'see status.slack.com; run the step again, or set on_error: warn so that messages never fail a build';
  return new Fault('SLACK_FAILED', `Slack's API failed: ${text}`, { hint });
}

function encodeForm(args: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue;
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form.toString();
}
