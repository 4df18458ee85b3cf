import { sha256Hex } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import type { FaultCode } from '../kit/fault.ts';
import { createRedactor } from '../kit/redact.ts';
import { formatSize } from '../kit/size.ts';
import type { PreparedAction } from './action.ts';
import type { GatewayAnswer } from './answer.ts';
import { callApi } from './call-api.ts';
import type { GatewayPorts } from './call-api.ts';
import type { GatewayConnection } from './connection.ts';
import { nameOf, printable } from './refusal.ts';

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
      readonly hint: string | undefined;
    };

const LONGEST_SAID = 1000;

/**
 * Makes the call of a prepared action. Never rejects for what a service or the network does; rejects when stopped, and then
 * nobody knows whether it was done.
 */
export async function runAction(
  prepared: Pick<PreparedAction, 'call'>,
  { connection, ...ports }: GatewayPorts & { readonly connection: GatewayConnection },
): Promise<ActionOutcome> {
  try {
    const answer = await callApi(prepared.call, connection, ports);
    const line = `${nameOf(prepared.call)} was answered ${answer.status} (${formatSize(answer.body.length)})`;
    return {
      kind: 'done',
      status: answer.status,
      digest: `sha256:${sha256Hex(answer.body)}`,
      line,
      said: saidBy(answer, connection),
    };
  } catch (error) {
    if (!(error instanceof Fault) || ports.signal?.aborted) throw error;
    const kind = error.code === 'GATEWAY_OUTCOME_UNKNOWN' ? 'unknown' : 'failed';
    return { kind, code: error.code, line: error.message, hint: error.hint };
  }
}

function saidBy({ headers, json, body }: GatewayAnswer, connection: GatewayConnection): string {
  const redactor = createRedactor();
  for (const value of Object.values(connection.headers)) redactor.add(value);
  const isText = json !== undefined || /^text\/plain\b/i.test(headers['content-type'] ?? '');
  return isText ? printable(body.toString('utf8', 0, LONGEST_SAID * 4), redactor, LONGEST_SAID) : '';
}
