import { isRecord } from '../kit/json.ts';
import { Secret } from '../kit/secret.ts';
import { stringAt, valueAt } from './answer.ts';
import type { Parsed } from './form.ts';
import { utf8 } from './form.ts';
import { printable } from './interaction.ts';
import type { PayloadProblem } from './payload.ts';
import { parsePayload } from './payload.ts';

/** Slack asks whether the address is ours: the challenge is sent back. */
export interface Challenge {
  readonly type: 'url_verification';
  readonly challenge: string;
}

/** A step of a workflow is to be run, and completed once (S38). */
export interface FunctionExecuted {
  readonly type: 'function_executed';
  readonly executionId: string;
  readonly callbackId: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Works for this one execution. */
  readonly botToken: Secret | undefined;
}

export interface OtherEvent {
  readonly type: 'other';
  readonly name: string;
}

export interface EventCallback {
  readonly type: 'event_callback';
  /** The same in every repetition of one event (S16). */
  readonly eventId: string;
  readonly appId: string;
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  readonly event: FunctionExecuted | OtherEvent;
}

export type EventRequest =
  | Challenge
  | EventCallback
  | { readonly type: 'unknown'; readonly name: string; readonly appId: string | undefined };
export type EventProblem = PayloadProblem | 'not_utf8' | 'incomplete';

/** Reads the body of a request to the events address, which is JSON. */
export function parseEvent(body: Buffer): Parsed<EventRequest, EventProblem> {
  const text = utf8(body);
  if (!text.ok) return text;
  const payload = parsePayload(text.value);
  return payload.ok ? readEvent(payload.value) : payload;
}

/** Reads an event that is an object already. */
export function readEvent(payload: Readonly<Record<string, unknown>>): Parsed<EventRequest, EventProblem> {
  const type = stringAt(payload, 'type');
  const appId = stringAt(payload, 'api_app_id');
  if (type === undefined) return { ok: false, reason: 'incomplete' };
  if (type === 'url_verification') {
    const challenge = stringAt(payload, 'challenge');
    if (challenge === undefined || challenge.length > 500) return { ok: false, reason: 'incomplete' };
    return { ok: true, value: { type, challenge } };
  }
  if (type !== 'event_callback')
    return { ok: true, value: { type: 'unknown', name: printable(type), appId } };
  const eventId = stringAt(payload, 'event_id');
  const event = eventOf(valueAt(payload, 'event'));
  if (eventId === undefined || appId === undefined || event === undefined)
    return { ok: false, reason: 'incomplete' };
  const teamId = stringAt(payload, 'team_id');
  const enterpriseId = stringAt(payload, 'enterprise_id');
  return { ok: true, value: { type, eventId, appId, teamId, enterpriseId, event } };
}

function eventOf(event: unknown): EventCallback['event'] | undefined {
  const name = stringAt(event, 'type');
  if (name === undefined) return undefined;
  if (name !== 'function_executed') return { type: 'other', name: printable(name) };
  const executionId = stringAt(event, 'function_execution_id');
  const callbackId = stringAt(event, 'function', 'callback_id');
  if (executionId === undefined || callbackId === undefined) return undefined;
  const inputs = valueAt(event, 'inputs');
  const token = stringAt(event, 'bot_access_token');
  return {
    type: 'function_executed',
    executionId,
    callbackId,
    inputs: isRecord(inputs) ? inputs : {},
    botToken: token === undefined ? undefined : new Secret(token),
  };
}
