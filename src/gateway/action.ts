import { sha256Hex } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import type { Rate } from '../kit/rate.ts';
import { fillCall } from './call.ts';
import type { CallTemplate, GatewayCall } from './call.ts';
import { fillText } from './template.ts';
import type { Scope } from './template.ts';
import { lookAlikes } from './look-alikes.ts';
import { showInvisible } from './show-invisible.ts';

/** What a button may run, as the operator defines it. */
export interface Action {
  readonly name: string;
  /** Channel ids; empty: any. */
  readonly channels: readonly string[];
  /** What is wrong with a button's value by the action's schema; nothing when it is right. */
  readonly problemsOf: (value: unknown) => readonly string[];
  /** Template of the dialog's text; without one the value itself is shown. */
  readonly confirm: string | undefined;
  /** Whether one button works once. */
  readonly once: boolean;
  readonly maxAgeMs: number;
  readonly rate: Rate | undefined;
  readonly call: CallTemplate;
}

/** A click on a button whose value is verified, and what is known of who clicked and who signed. */
export interface ActionClick {
  readonly action: string;
  readonly value: unknown;
  readonly channel: string;
  readonly nonce: string;
  readonly issuedAt: number;
  readonly messageTs: string;
  /** The pipeline that signed the button, and the actions its token may offer. */
  readonly token: { readonly name: string; readonly actions: ReadonlySet<string> };
  /** Whether the action's `allow` lets this person through, asked of Slack just now. */
  readonly user: { readonly id: string; readonly name: string; readonly allowed: boolean };
  /** Unique for each click; the same when it is run again. */
  readonly clickId: string;
}

/** Closed, for counters and the audit; `message` of a refusal is for the person who clicked. */
export type ActionRefusal =
  | 'unknown_action'
  | 'not_offered'
  | 'wrong_channel'
  | 'too_old'
  | 'restored'
  | 'not_allowed'
  | 'bad_value'
  | 'bad_template';

/** A click that may run, with the very call it makes. */
export interface PreparedAction {
  readonly kind: 'ready';
  readonly action: string;
  readonly call: GatewayCall;
  /** Plain text for the dialog, with the real values, at most 3,000 characters. */
  readonly confirm: string;
  /** Claimed before the call where the button works once; the same for all who click it. */
  readonly onceKey: string | undefined;
  readonly rate: Rate | undefined;
  /** Hex SHA-256 of the call: what is submitted must be what was confirmed. */
  readonly fingerprint: string;
}

export type Prepared =
  | PreparedAction
  | { readonly kind: 'refused'; readonly reason: ActionRefusal; readonly message: string };

/** Slack's limit for the text of a section. */
const LONGEST_CONFIRM = 3000;

/**
 * Decides whether a click may run, and what exactly. Pure: the dialog shows `confirm`, and when it is submitted this is asked
 * again. Whatever a value holds, it cannot change where the call goes or what surrounds it (C30).
 */
export function prepareAction(
  action: Action | undefined,
  click: ActionClick,
  now: number,
  restoredAt = 1,
): Prepared {
  const refuse = (reason: ActionRefusal, message: string): Prepared => ({ kind: 'refused', reason, message });
  if (!action || action.name !== click.action)
    return refuse('unknown_action', `There is no action ${showInvisible(click.action).slice(0, 60)}.`);
  const { name } = action;
  if (!click.token.actions.has(name)) return refuse('not_offered', `This pipeline may not offer ${name}.`);
  if (action.channels.length > 0 && !action.channels.includes(click.channel))
    return refuse('wrong_channel', `${name} does not work in this channel.`);
  if (!(now - click.issuedAt < action.maxAgeMs))
    return refuse('too_old', `This button is too old for ${name}.`);
  if (action.once && !(postedAt(click) >= restoredAt))
    return refuse(
      'restored',
      `This button works once, and is from before the listener was restored from a backup: whether it was used is not known. Have the pipeline post it again.`,
    );
  if (!click.user.allowed) return refuse('not_allowed', `You may not run ${name}.`);
  const problems = action.problemsOf(click.value);
  if (problems.length > 0)
    return refuse(
      'bad_value',
      `${name} does not take this value: ${showInvisible(problems.join('; ')).slice(0, 500)}.`,
    );
  try {
    return ready(action, click);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return refuse(
      'bad_template',
      `${name} cannot be run with this value: ${showInvisible(error.message).slice(0, 500)}.`,
    );
  }
}

// By the clock of the pipeline, or by Slack's: the worker that signed it may be ahead.
function postedAt({ issuedAt, messageTs }: ActionClick): number {
  return Math.min(issuedAt, Number(messageTs) * 1000);
}

/** When a run is too much for a rate: milliseconds until it is not, by the times of the runs so far. Undefined: go on. */
export function rateWait(runs: readonly number[], { count, perMs }: Rate, now: number): number | undefined {
  const recent = runs.filter((at) => at > now - perMs).sort((a, b) => a - b);
  const oldest = recent.at(-count);
  return oldest === undefined ? undefined : oldest + perMs - now;
}

function ready(action: Action, click: ActionClick): PreparedAction {
  const scope: Scope = {
    value: click.value,
    user: { id: click.user.id, name: click.user.name },
    channel: click.channel,
    message_ts: click.messageTs,
    action: action.name,
    token: click.token.name,
  };
  const call = withKey(fillCall(action.call, scope, `actions.${action.name}.call`), action, click);
  return {
    kind: 'ready',
    action: action.name,
    call,
    confirm: confirmOf(action, scope),
    onceKey: action.once ? `action/${action.name}/${click.nonce}` : undefined,
    rate: action.rate,
    fingerprint: sha256Hex(
      JSON.stringify([call.method, call.path, call.query, call.headers, sha256Hex(call.body ?? '')]),
    ),
  };
}

// Lets a service tell a second run of the same click; whether calls are repeated by it is for `idempotency_key` to say.
function withKey(call: GatewayCall, { name, once }: Action, { nonce, clickId }: ActionClick): GatewayCall {
  if (call.headers['idempotency-key'] !== undefined || call.method === 'GET' || call.method === 'HEAD')
    return call;
  const key = sha256Hex(JSON.stringify([name, nonce, once ? '' : clickId])).slice(0, 32);
  return { ...call, headers: { ...call.headers, 'idempotency-key': key } };
}

function confirmOf({ name, confirm }: Action, scope: Scope): string {
  const values: string[] = [];
  const shown = (value: string): string => {
    values.push(value);
    return showInvisible(value);
  };
  const asked =
    confirm === undefined
      ? `Run ${name}${scope['value'] === null ? '' : ` with ${shown(JSON.stringify(scope['value']))}`}?`
      : fillText(confirm, scope, shown);
  const warning = lookAlikes(values.join(' '));
  const text = warning === undefined ? asked : `${asked}\n⚠️ ${warning}`;
  if (text.length <= LONGEST_CONFIRM) return text;
  throw new Fault('TEMPLATE_INVALID', 'it is too long to be shown in the dialog');
}
