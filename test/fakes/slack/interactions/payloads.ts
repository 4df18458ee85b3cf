import type { Control } from './controls.ts';
import { given } from './state.ts';
import type { StateValues } from './state.ts';

type Json = Readonly<Record<string, unknown>>;

/** Who acts, as payloads name a person. */
export interface Actor {
  readonly id: string;
  readonly username: string;
  readonly team_id: string;
}

/** What every payload says: where, for which app, by whom. */
export interface Origin {
  readonly app: { readonly id: string; readonly verificationToken: string };
  /** Null for an app that is installed for a whole organisation. */
  readonly team: { readonly id: string; readonly domain: string } | null;
  readonly enterprise: { readonly id: string; readonly name: string } | null;
  readonly actor: Actor;
  readonly triggerId: string;
}

/** The message that holds the button. */
export interface ClickedMessage {
  readonly channel: { readonly id: string; readonly name: string };
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly ephemeral: boolean;
  /** Position of the attachment that holds the button, from 1. */
  readonly attachment: number | undefined;
  /** As the Web API shows it; payloads of ephemeral messages carry none. */
  readonly shown: Json | undefined;
  readonly responseUrl: string;
}

/** One use of a control. */
export interface Action {
  readonly control: Control;
  /** Of a menu or a text field; a button brings its own. */
  readonly value?: string | readonly string[] | undefined;
  /** Seconds with six decimals. */
  readonly ts: string;
}

/** The documented `block_actions` payload of a click in a message. */
export function clickInMessage(
  origin: Origin,
  message: ClickedMessage,
  action: Action,
  state: StateValues,
): Record<string, unknown> {
  return {
    type: 'block_actions',
    user: userOf(origin),
    ...common(origin),
    container: {
      type: message.attachment === undefined ? 'message' : 'message_attachment',
      message_ts: message.ts,
      ...(message.attachment === undefined ? {} : { attachment_id: message.attachment }),
      channel_id: message.channel.id,
      is_ephemeral: message.ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    trigger_id: origin.triggerId,
    ...place(origin),
    channel: message.channel,
    ...(message.shown === undefined || message.ephemeral ? {} : { message: message.shown }),
    state: { values: state },
    response_url: message.responseUrl,
    actions: [actionOf(action)],
  };
}

/** The `block_actions` payload of a click in a modal: no message, no channel, no response URL. */
export function clickInView(origin: Origin, view: Json, action: Action): Record<string, unknown> {
  return {
    type: 'block_actions',
    user: userOf(origin),
    ...common(origin),
    container: { type: 'view', view_id: view['id'] },
    trigger_id: origin.triggerId,
    ...place(origin),
    view,
    actions: [actionOf(action)],
  };
}

/** The `view_submission` payload: the form with its values, and nothing of the message it came from (S20). */
export function submission(origin: Origin, view: Json): Record<string, unknown> {
  return {
    type: 'view_submission',
    ...place(origin),
    user: userOf(origin),
    ...common(origin),
    trigger_id: origin.triggerId,
    view,
    response_urls: [],
  };
}

/** The `view_closed` payload, sent where the view asked for it. */
export function closing(origin: Origin, view: Json, cleared: boolean): Record<string, unknown> {
  return {
    type: 'view_closed',
    ...place(origin),
    user: userOf(origin),
    ...common(origin),
    view,
    is_cleared: cleared,
  };
}

/** The body of an interaction: one form field `payload`. */
export function interactionBody(payload: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function userOf({ actor }: Origin): Json {
  return { id: actor.id, username: actor.username, name: actor.username, team_id: actor.team_id };
}

function common({ app }: Origin): Json {
  return { api_app_id: app.id, token: app.verificationToken };
}

function place({ team, enterprise }: Origin): Json {
  return { team, enterprise, is_enterprise_install: enterprise !== null };
}

function actionOf({ control, value, ts }: Action): Json {
  const { element } = control;
  const shared = { action_id: control.actionId, block_id: control.blockId };
  if (control.type !== 'button') {
    const chosen = control.type === 'overflow' ? { ...control, type: 'static_select' } : control;
    return { ...shared, ...given(chosen, value ?? null), type: control.type, action_ts: ts };
  }
  const { text, value: own, style, url, confirm } = element;
  return {
    ...shared,
    text,
    ...defined({ value: value ?? own, style, url, confirm }),
    type: 'button',
    action_ts: ts,
  };
}

function defined(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
