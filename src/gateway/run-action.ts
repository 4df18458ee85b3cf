import { sha256Hex } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import type { FaultCode } from '../kit/fault.ts';
import type { Redactor } from '../kit/redact.ts';
import { formatSize } from '../kit/size.ts';
import type { PreparedAction } from './action.ts';
import type { GatewayAnswer } from './answer.ts';
import { callApi } from './call-api.ts';
import type { GatewayPorts } from './call-api.ts';
import type { GatewayConnection } from './connection.ts';
import type { GatewayCall } from './call.ts';
import { isHarmless, nameOf, printable, statusOf } from './refusal.ts';

/** What became of an action, for the thread and the audit: plain text, bounded, without secrets. */
export type ActionOutcome =
  | {
      readonly kind: 'done';
      readonly status: number;
      /** `sha256:…` of the answer's bytes. */
      readonly digest: string;
      /** One line: `POST /deploy was answered 202 (30 bytes)`. */
      readonly line: string;
      /** What the service answered, at most 1,000 characters; empty for bytes. */
      readonly said: string;
    }
  | {
      /** `unknown`: it may have been done, so it must not be run again by itself. */
      readonly kind: 'failed' | 'unknown';
      readonly code: FaultCode;
      readonly line: string;
      /** For whoever runs the listener. */
      readonly hint: string | undefined;
      /** What the service answered, if it did. */
      readonly http?: number | undefined;
      /** False where the service provably did nothing: a button that works once works again. */
      readonly spent: boolean;
    };

export interface RunPorts extends GatewayPorts {
  readonly connection: GatewayConnection;
  /** Takes secrets out of what is told: a service may answer with what it was sent. */
  readonly redactor: Redactor;
}

const LONGEST_SAID = 1000;
/** The call has not left. */
const NEVER_DONE: ReadonlySet<FaultCode> = new Set(['GATEWAY_UNREACHABLE', 'AWS_IDENTITY', 'SOURCE_INVALID']);

/**
 * Makes the call of a prepared action. Never rejects for what a service or the network does; rejects when stopped, and then
 * nobody knows whether it was done.
 */
export async function runAction(
  { call }: Pick<PreparedAction, 'call'>,
  { connection, redactor, ...ports }: RunPorts,
): Promise<ActionOutcome> {
  for (const value of Object.values(connection.headers)) redactor.add(value);
  try {
    const answer = await callApi(call, connection, ports);
    const line = `${nameOf(call)} was answered ${answer.status} (${formatSize(answer.body.length)})`;
    return {
      kind: 'done',
      status: answer.status,
      digest: `sha256:${sha256Hex(answer.body)}`,
      line: redactor.redact(line),
      said: saidBy(answer, redactor),
    };
  } catch (error) {
    if (!(error instanceof Fault) || ports.signal?.aborted) throw error;
    return failureOf(error, call, redactor);
  }
}

/** What a Fault on the way to a call, or of the call itself, means for an action. */
export function failureOf(fault: Fault, call: GatewayCall, redactor: Redactor): ActionOutcome {
  const { code, hint } = fault;
  const http = statusOf(fault);
  // An answer that is too long to be read says nothing about what was done.
  const isUnread = code === 'GATEWAY_FAILED' && http === undefined && !isHarmless(call);
  const isUnknown = code === 'GATEWAY_OUTCOME_UNKNOWN' || isUnread;
  return {
    kind: isUnknown ? 'unknown' : 'failed',
    code: isUnknown ? 'GATEWAY_OUTCOME_UNKNOWN' : code,
    line: redactor.redact(fault.message),
    hint,
    http,
    spent: !isHarmless(call) && !NEVER_DONE.has(code) && http !== 429,
  };
}

function saidBy({ headers, json, body }: GatewayAnswer, redactor: Redactor): string {
  const isText = json !== undefined || /^text\/plain\b/i.test(headers['content-type'] ?? '');
  return isText ? printable(body.toString('utf8', 0, LONGEST_SAID * 4), redactor, LONGEST_SAID) : '';
}
