import { Fault } from '../kit/fault.ts';
import { HttpFailure, TooLong, UNTRUSTED_HINT } from '../kit/http.ts';
import { isRecord } from '../kit/json.ts';
import type { Redactor } from '../kit/redact.ts';
import { formatSize } from '../kit/size.ts';
import type { GatewayAnswer } from './answer.ts';
import { LARGEST_BODY } from './call.ts';
import type { GatewayCall } from './call.ts';
import type { GatewayConnection } from './connection.ts';
import { lookUp } from './template.ts';

/** Whose answer it is, and what must not be printed with it. */
export interface Called {
  readonly call: GatewayCall;
  readonly connection: GatewayConnection;
  readonly redactor: Redactor;
}

const LONGEST_MESSAGE = 300;

/** `POST /deploy`: a call in a sentence; the query and the stage are left out. */
export function nameOf({ method, path }: Pick<GatewayCall, 'method' | 'path'>): string {
  return `${method} ${path.length > 200 ? `${path.slice(0, 200)}…` : path}`;
}

/** The Fault for an answer whose status was not expected. Its own message is told, bounded and without secrets. */
export function refusalOf(answer: GatewayAnswer, called: Called): Fault {
  const { status } = answer;
  const { call } = called;
  const said = saidBy(answer, called.redactor);
  const text = `${nameOf(call)} was answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 504 && !isHarmless(call)) {
    return new Fault('GATEWAY_OUTCOME_UNKNOWN', `${text}; it may have been done`, {
      hint: 'API Gateway waits 29 s unless its quota was raised, and the service goes on: let it answer at once, and use poll',
      cause: { status },
    });
  }
  const code = status >= 500 ? 'GATEWAY_FAILED' : 'GATEWAY_REFUSED';
  return new Fault(code, text, { hint: hintOf(answer, said, called), cause: { status } });
}

/** The Fault for a call without an answer. What is no connection's failure is returned as it is. */
export function lostOf(error: unknown, { call, connection }: Called, limitMs: number): unknown {
  if (!(error instanceof HttpFailure)) return error;
  if (error.cause instanceof TooLong) {
    return new Fault(
      'GATEWAY_FAILED',
      `${nameOf(call)}: the answer is larger than ${formatSize(LARGEST_BODY)}`,
      {
        hint: 'API Gateway itself sends no more: let the service store it in S3 and answer with its key',
        cause: error,
      },
    );
  }
  const host = connection.host;
  if (error.sent && !isHarmless(call)) {
    return new Fault(
      'GATEWAY_OUTCOME_UNKNOWN',
      `no clear answer to ${nameOf(call)} from ${host}: ${error.message}; not called again, it may have been done`,
      {
        hint: 'ask the service before you run the step again; with an idempotency_key that the service honours it is repeated safely',
        cause: error,
      },
    );
  }
  if (error.timedOut && error.sent) {
    return new Fault(
      'GATEWAY_TIMEOUT',
      `${nameOf(call)} was not answered by ${host} within ${limitMs / 1000} s`,
      {
        hint: 'raise its timeout; API Gateway itself waits 29 s for a service unless its quota was raised',
        cause: error,
      },
    );
  }
  return new Fault('GATEWAY_UNREACHABLE', `no answer from ${host} to ${nameOf(call)}: ${error.message}`, {
    hint: error.untrusted
      ? UNTRUSTED_HINT
      : "check gateway.url, and the worker's network, proxy and CAs; a private API is reached only inside its VPC",
    cause: error,
  });
}

/** Whether a call changes nothing, so that it may be made any number of times. */
export function isHarmless({ method }: Pick<GatewayCall, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The status inside a Fault of `refusalOf`. */
export function statusOf(fault: unknown): number | undefined {
  const status = fault instanceof Fault && isRecord(fault.cause) ? fault.cause['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** What a service says of itself, fit for a line of a log: bounded, without control characters and secrets. */
export function printable(text: string, redactor: Redactor, limit = LONGEST_MESSAGE): string {
  const line = redactor
    .redact(text)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

const MESSAGE_KEYS = ['message', 'Message', 'error.message', 'error', 'errorMessage', 'detail', 'title'];

// API Gateway quotes the whole canonical request on a bad signature (P19): its own error types stand in a header.
function saidBy({ headers, json }: GatewayAnswer, redactor: Redactor): string {
  const type = typeOf(headers);
  const told = MESSAGE_KEYS.map((key) => lookUp(key, json)).find(
    (text) => typeof text === 'string' && text !== '',
  );
  const message = typeof told === 'string' ? told.split(/\n|The Canonical String|'?AWS4-HMAC/)[0] : undefined;
  if (type !== undefined && /Signature/.test(type)) return printable(type, redactor);
  return printable([type, message].filter(Boolean).join(', '), redactor);
}

function typeOf(headers: GatewayAnswer['headers']): string | undefined {
  return headers['x-amzn-errortype']?.split(/[:;]/)[0];
}

function hintOf(answer: GatewayAnswer, said: string, { call, connection }: Called): string {
  const { status, headers } = answer;
  if (status >= 300 && status < 400)
    return 'redirects are not followed: write the address they lead to into gateway.url';
  if (status === 403) return forbiddenHint(said, connection);
  if (status === 401) return 'the API asks for another authorization than SigV4: set gateway.headers';
  if (status === 404) return 'check the path: it stands below the stage of gateway.url';
  if (status === 413) return 'API Gateway takes 10 MB: store the content in S3 and send its key';
  if (status === 415) return 'set call.headers.content-type';
  if (status === 429)
    return `the API is throttled${isHarmless(call) ? '' : '; an idempotency_key lets the call be repeated'}: call less often, or raise the limits of its usage plan`;
  if (status === 504)
    return 'API Gateway waits 29 s for the service unless its quota was raised: let it answer at once, and use poll';
  if (status === 502 || status === 503)
    return 'the service behind the gateway is down or answered badly: look at its logs';
  if (status >= 500) return `look at the service's logs${requestId(headers)}`;
  if (status >= 200 && status < 300) return 'call.expect does not name this status';
  return `the service does not take this call: check its body and query${requestId(headers)}`;
}

/** API Gateway's many 403s (developer guide, "common errors"; its texts are the only sign). */
function forbiddenHint(said: string, connection: GatewayConnection): string {
  if (/Missing ?Authentication ?Token/i.test(said))
    return 'API Gateway says this of a path or method it does not know: check stage, path and method';
  if (/Signature/.test(said))
    return connection.region === undefined
      ? 'set gateway.auth: iam'
      : `the signature is not accepted: check the secret key, gateway.region (now ${connection.region}), that nothing on the way changes the request, and the worker's clock`;
  if (/token included in the request is (?:invalid|expired)|UnrecognizedClient|ExpiredToken/i.test(said))
    return 'the AWS keys are not known or have ended: renew source.aws, or use a role';
  if (/not authorized to perform|AccessDenied|explicit deny/i.test(said))
    return "allow execute-api:Invoke on this path for the identity named above, and in the API's resource policy";
  if (/^(?:Forbidden(?:Exception)?(?:, )?)*$/.test(said))
    return "API Gateway says no more: check the API key (gateway.headers.x-api-key), the WAF, the API's resource policy, and for a private API its VPC endpoint and gateway.api_id";
  return 'the service refuses this identity: check its permissions';
}

function requestId(headers: GatewayAnswer['headers']): string {
  const id = headers['x-amzn-requestid'] ?? headers['apigw-requestid'];
  return id !== undefined && /^[\w=-]{1,64}$/.test(id) ? `; its request id is ${id}` : '';
}
