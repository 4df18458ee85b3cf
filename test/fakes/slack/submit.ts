import type { Deliver, ClickOptions } from './click.ts';
import { controlsOf, isRecord } from './interactions/controls.ts';
import type { Delivery, Tampering } from './interactions/deliver.ts';
import { closing, interactionBody, submission } from './interactions/payloads.ts';
import type { Filled } from './interactions/state.ts';
import { refusedFields, stateOf } from './interactions/state.ts';
import { originOf } from './origin.ts';
import { appOf } from './people.ts';
import { Refusal } from './refusal.ts';
import { issueTrigger } from './triggers.ts';
import { closeAll, openView, renderView, replaceView, stackOf } from './views.ts';
import type { View, Workspace } from './workspace.ts';

export interface SubmitOptions extends Tampering, Pick<ClickOptions, 'actor' | 'org' | 'change'> {
  /** By `action_id` or `block_id`. */
  readonly values?: Filled;
  /** Default: the person who sees the modal. */
  readonly by?: string;
}

/** A form that was sent, and what the app made of it. */
export interface Submission extends Delivery {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly triggerId: string;
  /** The texts of `response_action: errors` by block. */
  readonly errors: Readonly<Record<string, string>> | undefined;
  /** The modal the person sees afterwards. */
  readonly view: View | undefined;
}

/** Presses submit in an open modal, and does what the acknowledgement asks for: errors, update, push, clear, or close. */
export async function submit(
  slack: Workspace,
  view: View,
  options: SubmitOptions,
  deliver: Deliver,
): Promise<Submission> {
  if (!view.open) throw new Error(`the modal ${view.id} is closed`);
  if (view.content['submit'] === undefined) throw new Error(`the modal ${view.id} has no submit button`);
  const blocks = blocksOf(view);
  const state = stateOf(blocks, options.values ?? {});
  const refused = refusedFields(blocks, state);
  if (refused.length > 0) throw new Error(`Slack does not send the form: ${refused.join(', ')}`);
  const app = appOf(slack, view.app);
  const by = options.by ?? view.user;
  const trigger = issueTrigger(slack, { app: app.id, user: by, view: view.id }).id;
  const shown = { ...renderView(slack, view), state: { values: state } };
  const payload = submission(originOf(slack, app, { ...options, by }, trigger), shown);
  const sent = options.change?.(payload) ?? payload;
  const notice = { kind: 'interactive', payload: sent, body: Buffer.from(interactionBody(sent)) } as const;
  const delivery = await deliver(app, notice, options);
  const outcome = delivery.warning === undefined ? answered(slack, view, trigger, delivery) : {};
  return {
    ...delivery,
    ...outcome,
    errors: outcome.errors,
    payload: sent,
    triggerId: trigger,
    view: stackOf(slack, view).at(-1),
  };
}

interface Outcome {
  readonly errors?: Readonly<Record<string, string>>;
  readonly warning?: string;
}

/** Does what the body of an acknowledgement says; a body that Slack cannot use is a warning to the person. */
function answered(slack: Workspace, view: View, trigger: string, delivery: Delivery): Outcome {
  if (delivery.body.trim() === '') {
    view.open = false;
    return {};
  }
  const body = parsed(delivery.body);
  if (body === undefined) return { warning: 'the acknowledgement is no JSON object' };
  try {
    return act(slack, view, trigger, body);
  } catch (error) {
    if (error instanceof Refusal) return { warning: `${error.code} ${JSON.stringify(error.details)}` };
    throw error;
  }
}

function act(slack: Workspace, view: View, trigger: string, body: Record<string, unknown>): Outcome {
  const content = body['view'];
  const action = body['response_action'];
  if (action === 'errors') return errorsOf(view, body['errors']);
  if (action === 'clear') closeAll(slack, view.app, view.user);
  else if (action === 'update' && isRecord(content)) replaceView(slack, view, content);
  else if (action === 'push' && isRecord(content))
    openView(slack, { app: appOf(slack, view.app), user: view.user, trigger, content, onto: view });
  else if (action === undefined && Object.keys(body).length === 0) view.open = false;
  else return { warning: `unknown response_action ${String(action)}` };
  return {};
}

function errorsOf(view: View, errors: unknown): Outcome {
  if (!isRecord(errors) || Object.keys(errors).length === 0) return { warning: 'errors without any' };
  const inputs = controlsOf(blocksOf(view))
    .filter((control) => control.required || inputBlock(view, control.blockId))
    .map((control) => control.blockId);
  for (const [block, text] of Object.entries(errors)) {
    if (!inputs.includes(block)) return { warning: `no input block ${block}` };
    if (typeof text !== 'string') return { warning: `the error of ${block} is no text` };
  }
  return { errors: Object.fromEntries(Object.entries(errors).map(([block, text]) => [block, String(text)])) };
}

function inputBlock(view: View, id: string): boolean {
  return blocksOf(view).some(
    (block) => isRecord(block) && block['block_id'] === id && block['type'] === 'input',
  );
}

/** Closes a modal without sending it; the app is told where the view says `notify_on_close`, else undefined. */
export async function closeView(
  slack: Workspace,
  view: View,
  options: Omit<SubmitOptions, 'values'> & { readonly cleared?: boolean },
  deliver: Deliver,
): Promise<Delivery | undefined> {
  if (!view.open) throw new Error(`the modal ${view.id} is closed`);
  const cleared = options.cleared ?? view.content['clear_on_close'] === true;
  if (cleared) closeAll(slack, view.app, view.user);
  view.open = false;
  if (view.content['notify_on_close'] !== true) return undefined;
  const app = appOf(slack, view.app);
  const origin = originOf(slack, app, { ...options, by: options.by ?? view.user }, '');
  const payload = closing(origin, renderView(slack, view), cleared);
  const sent = options.change?.(payload) ?? payload;
  return deliver(
    app,
    { kind: 'interactive', payload: sent, body: Buffer.from(interactionBody(sent)) },
    options,
  );
}

function blocksOf(view: View): readonly unknown[] {
  const { blocks } = view.content;
  return Array.isArray(blocks) ? blocks : [];
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
