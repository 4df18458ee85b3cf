import { createSigner, canonicalQuery, sha256Hex } from '../aws/sigv4.ts';
import type { Credentials, Signable, Signer } from '../aws/sigv4.ts';
import type { Clock } from '../kit/clock.ts';
import { HttpFailure, TooLong } from '../kit/http.ts';
import type { Http } from '../kit/http.ts';
import type { Log } from '../kit/log.ts';
import { createRedactor } from '../kit/redact.ts';
import { readAnswer } from './answer.ts';
import type { GatewayAnswer } from './answer.ts';
import type { GatewayCall } from './call.ts';
import type { GatewayConnection } from './connection.ts';
import { isSignable } from './headers.ts';
import { isHarmless, lostOf, nameOf, refusalOf } from './refusal.ts';
import type { Called } from './refusal.ts';

export interface GatewayPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** Asked before each attempt that is signed, never with `auth: none`. */
  readonly credentials: () => Promise<Credentials>;
  readonly signal?: AbortSignal | undefined;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 250;
/** A service that asks for more is asked again by whoever runs the step. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Calls a service and returns its answer, whose status is one of those expected. Repeats by `call.retry`, up to three
 * times in all; follows no redirect. Faults: GATEWAY_*, and AWS_IDENTITY of the port.
 */
export async function callApi(
  call: GatewayCall,
  connection: GatewayConnection,
  ports: GatewayPorts,
): Promise<GatewayAnswer> {
  const redactor = createRedactor();
  for (const value of Object.values(connection.headers)) redactor.add(value);
  const called: Called = { call, connection, redactor };
  const limitMs = call.timeoutMs ?? connection.timeoutMs;
  const state = { skewMs: 0 };
  for (let tries = 1; ; tries++) {
    const last = tries >= TRIES || call.retry === 'never';
    let pause = FIRST_PAUSE_MS * 3 ** (tries - 1) * (0.75 + Math.random() / 2);
    try {
      const answer = await attempt(called, { limitMs, skewMs: state.skewMs, ports });
      if (isExpected(answer.status, call)) return answer;
      const skewMs = skewOf(answer, ports.clock.now());
      if (!last && skewMs !== undefined && state.skewMs === 0) {
        state.skewMs = skewMs;
        ports.log.warn(
          `the clock is ${Math.round(Math.abs(skewMs) / 60_000)} minutes off by that of ${connection.host}; signing by theirs`,
        );
        continue;
      }
      if (last || !mayAskAgain(answer.status, call)) throw refusalOf(answer, called);
      pause = Math.max(pause, retryAfterMs(answer));
      if (pause > LONGEST_PAUSE_MS) throw refusalOf(answer, called);
      ports.log.info(`${nameOf(call)} was answered ${answer.status}; again in ${Math.ceil(pause / 1000)} s`);
    } catch (error) {
      if (!(error instanceof HttpFailure) || last || !mayRepeat(error, call))
        throw lostOf(error, called, limitMs);
      ports.log.info(`${nameOf(call)}: ${error.message}; again`);
    }
    await ports.clock.sleep(pause, ports.signal);
  }
}

function isExpected(status: number, { expect }: GatewayCall): boolean {
  return expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
}

// A 500 is an answer of the service about what it has tried: only a call that changes nothing is made again for it.
function mayAskAgain(status: number, call: GatewayCall): boolean {
  if (isHarmless(call)) return status === 429 || status >= 500;
  return call.idempotencyKey !== undefined && [429, 502, 503, 504].includes(status);
}

// A timeout has taken its time already: a call that changes nothing may be slow each time.
function mayRepeat(failure: HttpFailure, call: GatewayCall): boolean {
  if (!failure.sent) return true;
  if (failure.cause instanceof TooLong) return false;
  return call.idempotencyKey !== undefined || (isHarmless(call) && !failure.timedOut);
}

function retryAfterMs({ headers }: GatewayAnswer): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

// "Signature expired: … is now earlier than …" and "Signature not yet current": the one refusal that a right clock mends (P24).
function skewOf({ status, headers, body }: GatewayAnswer, now: number): number | undefined {
  if (status !== 403 || !/Signature (?:expired|not yet current)/.test(body.toString('latin1', 0, 1000)))
    return undefined;
  const theirs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(theirs) ? undefined : theirs - now;
}

interface Attempt {
  readonly limitMs: number;
  readonly skewMs: number;
  readonly ports: GatewayPorts;
}

async function attempt(
  { call, connection, redactor }: Called,
  { limitMs, skewMs, ports }: Attempt,
): Promise<GatewayAnswer> {
  const headers = await signed(call, connection, async () => {
    const credentials = await ports.credentials();
    redactor.add(credentials.secretAccessKey);
    if (credentials.sessionToken !== undefined) redactor.add(credentials.sessionToken);
    return { signer: createSigner(credentials), now: ports.clock.now() + skewMs };
  });
  const query = canonicalQuery(call.query);
  const deadline = deadlineOf(limitMs, ports.signal);
  try {
    const response = await ports.http({
      method: call.method,
      origin: connection.origin,
      path: connection.basePath + call.path + (query === '' ? '' : `?${query}`),
      headers,
      // A kept connection may be closed by the other side in this moment, and then nobody knows what became of the call.
      fresh: !isHarmless(call),
      idleMs: limitMs,
      signal: deadline.signal,
      ...(call.body !== undefined && { body: call.body }),
    });
    return await readAnswer(response);
  } catch (error) {
    ports.signal?.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
    throw new HttpFailure(`no answer within ${limitMs / 1000} s`, {
      sent: true,
      timedOut: true,
      cause: error,
    });
  } finally {
    deadline.clear();
  }
}

// Silence is noticed by `idleMs`, which also tells whether the call has left. This ends an answer that comes in drips.
function deadlineOf(
  limitMs: number,
  signal: AbortSignal | undefined,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('too slow')), limitMs + 500);
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    clear: () => clearTimeout(timer),
  };
}

async function signed(
  call: GatewayCall,
  connection: GatewayConnection,
  signing: () => Promise<{ signer: Signer; now: number }>,
): Promise<Record<string, string>> {
  const all = Object.entries({ accept: 'application/json, */*', ...connection.headers, ...call.headers });
  if (connection.region === undefined) return { ...Object.fromEntries(all), host: connection.host };
  const { signer, now } = await signing();
  const request: Signable = {
    method: call.method,
    host: connection.host,
    path: connection.basePath + call.path,
    query: call.query,
    headers: Object.fromEntries(all.filter(([name]) => isSignable(name))),
    payloadHash: sha256Hex(call.body ?? ''),
  };
  const scope = { region: connection.region, service: 'execute-api' };
  return {
    ...Object.fromEntries(all.filter(([name]) => !isSignable(name))),
    ...signer.sign(request, scope, now),
  };
}
