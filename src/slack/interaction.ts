import { Secret } from '../kit/secret.ts';
import type { Actor } from './actor.ts';
import { actorOf } from './actor.ts';
import { stringAt, valueAt } from './answer.ts';
import type { FormProblem, Parsed } from './form.ts';
import { parseForm } from './form.ts';
import type { InputValue } from './inputs.ts';
import { inputsOf, selectedIn } from './inputs.ts';
import type { PayloadProblem } from './payload.ts';
import { parsePayload } from './payload.ts';

/** A modal, as far as it is read here. */
export interface View {
  readonly id: string;
  /** Guards an update against another that came between. */
  readonly hash: string | undefined;
  readonly callbackId: string;
  /** A submission names neither channel nor message: what it is about stands here (S20). */
  readonly privateMetadata: string;
  readonly inputs: readonly InputValue[];
}

/** A button pressed, or something chosen, in a message or a modal. */
export interface Click extends Actor {
  readonly type: 'block_actions';
  readonly actionId: string;
  readonly blockId: string;
  /** `button`, `static_select`, … */
  readonly element: string;
  readonly value: string | undefined;
  readonly selected: readonly string[];
  readonly actionTs: string | undefined;
  /** Where it happened. An id of a message without its channel means nothing, and the other way round (S22). */
  readonly channelId: string | undefined;
  readonly messageTs: string | undefined;
  readonly threadTs: string | undefined;
  readonly ephemeral: boolean;
  readonly view: View | undefined;
  /** Other inputs of the same message: a reason can be read without a modal. */
  readonly inputs: readonly InputValue[];
  readonly triggerId: string | undefined;
  readonly responseUrl: string | undefined;
  /** The step of a workflow whose message was clicked. */
  readonly step: { readonly executionId: string; readonly botToken: Secret | undefined } | undefined;
}

export interface Submission extends Actor {
  readonly type: 'view_submission';
  readonly view: View;
  readonly triggerId: string | undefined;
}

export interface Closing extends Actor {
  readonly type: 'view_closed';
  readonly view: View;
  /** All views of the stack were closed at once. */
  readonly cleared: boolean;
}

/** A shortcut from anywhere: it knows no channel and has no response URL. */
export interface Shortcut extends Actor {
  readonly type: 'shortcut';
  readonly callbackId: string;
  readonly triggerId: string | undefined;
}

/** A shortcut from the menu of a message. */
export interface MessageShortcut extends Actor {
  readonly type: 'message_action';
  readonly callbackId: string;
  readonly channelId: string | undefined;
  readonly messageTs: string | undefined;
  readonly triggerId: string | undefined;
  readonly responseUrl: string | undefined;
}

/** Somebody types into a select menu whose options the app is to name. */
export interface Suggestion extends Actor {
  readonly type: 'block_suggestion';
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
  readonly view: View | undefined;
}

/** What Slack may add one day, and what it still sends of old. */
export interface UnknownInteraction {
  readonly type: 'unknown';
  readonly name: string;
}

export type KnownInteraction = Click | Submission | Closing | Shortcut | MessageShortcut | Suggestion;
export type Interaction = KnownInteraction | UnknownInteraction;
export type InteractionProblem = FormProblem | PayloadProblem | 'no_payload' | 'ssl_check' | 'incomplete';

/** Reads the body of a request to the interactivity address: a form whose field `payload` is JSON. Lenient in what it knows not. */
export function parseInteraction(body: Buffer): Parsed<Interaction, InteractionProblem> {
  const form = parseForm(body);
  if (!form.ok) return form;
  // The probe of a command's address carries no payload; both at once is a trick (bolt-js 2897).
  if (form.value.has('ssl_check')) return { ok: false, reason: 'ssl_check' };
  const text = form.value.get('payload');
  if (text === undefined) return { ok: false, reason: 'no_payload' };
  const payload = parsePayload(text);
  return payload.ok ? readInteraction(payload.value) : payload;
}

/** Reads a payload that is an object already. */
export function readInteraction(
  payload: Readonly<Record<string, unknown>>,
): Parsed<Interaction, InteractionProblem> {
  const type = stringAt(payload, 'type');
  if (type === undefined) return { ok: false, reason: 'incomplete' };
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) return { ok: true, value: { type: 'unknown', name: printable(type) } };
  const actor = actorOf(payload);
  const value = actor && read(payload, actor);
  return value === undefined ? { ok: false, reason: 'incomplete' } : { ok: true, value };
}

type Reader = (payload: unknown, actor: Actor) => KnownInteraction | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  block_actions: clickOf,
  view_submission: submissionOf,
  view_closed: closingOf,
  shortcut: shortcutOf,
  message_action: messageShortcutOf,
  block_suggestion: suggestionOf,
};

function clickOf(payload: unknown, actor: Actor): Click | undefined {
  const action = valueAt(payload, 'actions', 0);
  const actionId = stringAt(action, 'action_id');
  if (actionId === undefined) return undefined;
  return {
    type: 'block_actions',
    ...actor,
    actionId,
    blockId: stringAt(action, 'block_id') ?? '',
    element: stringAt(action, 'type') ?? '',
    value: stringAt(action, 'value'),
    selected: selectedIn(action),
    actionTs: stringAt(action, 'action_ts'),
    ...placeOf(payload),
    view: viewOf(valueAt(payload, 'view')),
    inputs: inputsOf(valueAt(payload, 'state')),
    triggerId: stringAt(payload, 'trigger_id'),
    responseUrl: stringAt(payload, 'response_url'),
    step: stepOf(payload),
  };
}

type Place = Pick<Click, 'channelId' | 'messageTs' | 'threadTs' | 'ephemeral'>;

// `message` and `channel` may be missing, and `message` is what its author wrote: the container is Slack's own word.
function placeOf(payload: unknown): Place {
  return {
    channelId: stringAt(payload, 'container', 'channel_id') ?? stringAt(payload, 'channel', 'id'),
    messageTs: stringAt(payload, 'container', 'message_ts') ?? stringAt(payload, 'message', 'ts'),
    threadTs: stringAt(payload, 'container', 'thread_ts') ?? stringAt(payload, 'message', 'thread_ts'),
    ephemeral: valueAt(payload, 'container', 'is_ephemeral') === true,
  };
}

function stepOf(payload: unknown): Click['step'] {
  const executionId = stringAt(payload, 'function_data', 'execution_id');
  if (executionId === undefined) return undefined;
  const token = stringAt(payload, 'bot_access_token');
  return { executionId, botToken: token === undefined ? undefined : new Secret(token) };
}

function submissionOf(payload: unknown, actor: Actor): Submission | undefined {
  const view = viewOf(valueAt(payload, 'view'));
  return view && { type: 'view_submission', ...actor, view, triggerId: stringAt(payload, 'trigger_id') };
}

function closingOf(payload: unknown, actor: Actor): Closing | undefined {
  const view = viewOf(valueAt(payload, 'view'));
  return view && { type: 'view_closed', ...actor, view, cleared: valueAt(payload, 'is_cleared') === true };
}

function shortcutOf(payload: unknown, actor: Actor): Shortcut | undefined {
  const callbackId = stringAt(payload, 'callback_id');
  if (callbackId === undefined) return undefined;
  return { type: 'shortcut', ...actor, callbackId, triggerId: stringAt(payload, 'trigger_id') };
}

function messageShortcutOf(payload: unknown, actor: Actor): MessageShortcut | undefined {
  const callbackId = stringAt(payload, 'callback_id');
  if (callbackId === undefined) return undefined;
  return {
    type: 'message_action',
    ...actor,
    callbackId,
    channelId: stringAt(payload, 'channel', 'id'),
    messageTs: stringAt(payload, 'message_ts') ?? stringAt(payload, 'message', 'ts'),
    triggerId: stringAt(payload, 'trigger_id'),
    responseUrl: stringAt(payload, 'response_url'),
  };
}

function suggestionOf(payload: unknown, actor: Actor): Suggestion | undefined {
  const actionId = stringAt(payload, 'action_id');
  if (actionId === undefined) return undefined;
  const blockId = stringAt(payload, 'block_id') ?? '';
  const value = stringAt(payload, 'value') ?? '';
  const view = viewOf(valueAt(payload, 'view'));
  return { type: 'block_suggestion', ...actor, actionId, blockId, value, view };
}

function viewOf(view: unknown): View | undefined {
  const id = stringAt(view, 'id');
  if (id === undefined) return undefined;
  return {
    id,
    hash: stringAt(view, 'hash'),
    callbackId: stringAt(view, 'callback_id') ?? '',
    privateMetadata: stringAt(view, 'private_metadata') ?? '',
    inputs: inputsOf(valueAt(view, 'state')),
  };
}

/** A name from outside for a log line: short, and without anything that could end the line. */
export function printable(name: string): string {
  return name.replaceAll(/[^\w:./-]/g, '?').slice(0, 60);
}
