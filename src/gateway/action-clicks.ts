import { createHash } from 'node:crypto';
import type { Records } from '../durable/keeper.ts';
import type { Clock } from '../kit/clock.ts';
import type { Ack, Delivery, Registration } from '../slack/handlers.ts';
import type { Click } from '../slack/interaction.ts';
import { truncate } from '../slack/mrkdwn.ts';
import { verifyActionValue } from '../slack/verify-action-value.ts';
import type { TokenHash, ValueRefusal } from '../slack/verify-action-value.ts';
import { prepareAction } from './action.ts';
import type { Action, ActionClick, Prepared } from './action.ts';
import type { Actions } from './action-machine.ts';
import type { ActionRun } from './action-record.ts';
import type { Allowance, AllowanceEvent, Once, OnceEvent } from './allowance.ts';

/** An action with those who may run it. */
export interface AllowedAction extends Action {
  readonly allow: readonly string[];
}

export interface ActionClickPorts {
  readonly actions: Actions;
  readonly onces: Records<Once, OnceEvent, 'taken'>;
  readonly allowances: Records<Allowance, AllowanceEvent, number>;
  readonly clock: Clock;
  readonly actionOf: (name: string) => AllowedAction | undefined;
  /** The tokens that may sign buttons, and the actions each may offer. */
  readonly tokens: () => readonly (TokenHash & { readonly actions: ReadonlySet<string> })[];
  /** Rejects when Slack does not say. */
  readonly eligible: (
    user: string,
    allow: readonly string[],
  ) => Promise<
    { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string }
  >;
  /** Shows something to the person alone, in place of what was clicked or beside it; false when it did not arrive. */
  readonly show: (responseUrl: string, message: Shown) => Promise<boolean>;
  /** Told about clicks that run nothing, by the reason. */
  readonly refused: (reason: string) => void;
}

export interface Shown {
  readonly text: string;
  readonly blocks?: readonly unknown[];
  /** In place of the message that was clicked. */
  readonly replace: boolean;
}

const RUN = 'run-action:run';
const CANCEL = 'run-action:cancel';
/** What a person is told; the reason of a forged value is nobody's business. */
const VALUE_WORDS: Readonly<Record<ValueRefusal, string>> = {
  malformed: 'This button is not one of ours.',
  foreign: 'This button was not made by a pipeline that we know, or was changed.',
  elsewhere: 'This is a copy of a card: its buttons work only where the pipeline posted it.',
  early: 'This button is from the future: a clock is wrong.',
  expired: 'This button is too old.',
};
const NOTHING = 'Nothing was run.';

/**
 * Takes clicks on the buttons of puts. A click first shows what it would run, with the real values, to the person alone; only
 * their answer runs it. The value is authority for nothing: who may do what stands in the configuration (S21).
 */
export function takeActionClicks(intake: Registration, ports: ActionClickPorts): void {
  const apps = ['own', 'pipeline'] as const;
  intake.onAction('action-', (click, delivery) => ask(click, delivery, ports), apps);
  intake.onAction(RUN, (click, delivery) => start(click, delivery, ports), apps);
  intake.onAction(CANCEL, (click, delivery) => cancel(click, delivery, ports), apps);
}

async function ask(click: Click, delivery: Delivery, ports: ActionClickPorts): Promise<Ack | undefined> {
  const no = (reason: string, text: string): undefined => {
    ports.refused(reason);
    delivery.tell(`${text} ${NOTHING}`);
    return undefined;
  };
  const now = ports.clock.now();
  const tokens = ports.tokens();
  const verified = verifyActionValue(click.value ?? '', tokens, { channel: click.channelId, now });
  if (verified.kind === 'refused') return no(verified.reason, VALUE_WORDS[verified.reason]);
  const { messageTs, responseUrl, userId, actionTs = '' } = click;
  if (messageTs === undefined || responseUrl === undefined) return no('malformed', VALUE_WORDS.malformed);
  const action = ports.actionOf(verified.action);
  const found = await ports.eligible(userId, action?.allow ?? []).catch(() => undefined);
  if (found === undefined) return no('unreadable', 'Slack did not say whether you may do this: click again.');
  const actions = new Set(
    tokens.filter(({ name }) => name === verified.token).flatMap((token) => [...token.actions]),
  );
  const about: ActionClick = {
    ...verified,
    messageTs,
    token: { name: verified.token, actions },
    user: { id: userId, name: found.ok ? found.name : userId, allowed: found.ok },
    clickId: actionTs,
  };
  const prepared = prepareAction(action, about, now);
  if (prepared.kind === 'refused') return no(prepared.reason, prepared.message);
  const id = `action/${digest([verified.token, verified.nonce, userId, actionTs])}`;
  const run: ActionRun = {
    action: verified.action,
    value: verified.value,
    token: verified.token,
    nonce: verified.nonce,
    issuedAt: verified.issuedAt,
    channel: verified.channel,
    messageTs,
    threadTs: click.threadTs,
    clickId: actionTs,
    user: { id: userId, name: about.user.name },
    confirm: prepared.confirm,
    fingerprint: prepared.fingerprint,
    onceId: prepared.onceKey === undefined ? undefined : `once/${digest([prepared.onceKey])}`,
  };
  const taken = run.onceId === undefined ? undefined : await ports.onces.read(run.onceId);
  if (taken?.data.holder !== undefined) return no('used', await usedWords(taken.data.holder, ports));
  await ports.actions.send(id, { type: 'ask', run });
  void ports.show(responseUrl, dialogOf(id, run));
  return undefined;
}

async function start(click: Click, delivery: Delivery, ports: ActionClickPorts): Promise<Ack | undefined> {
  const { responseUrl } = click;
  const say = (text: string): undefined => {
    if (responseUrl === undefined) delivery.tell(text);
    else void ports.show(responseUrl, { text, replace: true });
    return undefined;
  };
  const no = (reason: string, text: string): undefined => {
    ports.refused(reason);
    return say(`${text} ${NOTHING}`);
  };
  const id = click.value ?? '';
  const snapshot = id.startsWith('action/') ? await ports.actions.read(id) : undefined;
  if (
    snapshot === undefined ||
    snapshot.data.user.id !== click.userId ||
    snapshot.data.channel !== click.channelId
  )
    return no('malformed', VALUE_WORDS.malformed);
  const { data } = snapshot;
  if (snapshot.status !== 'asked') return no('not_asked', `This dialog is over: ${snapshot.status}.`);
  // Between the dialog and the answer the person may have lost the right to do it, and the operator may have changed it.
  const action = ports.actionOf(data.action);
  const found = await ports.eligible(click.userId, action?.allow ?? []).catch(() => undefined);
  if (found === undefined) {
    delivery.tell(`Slack did not say whether you may do this: click again. ${NOTHING}`);
    return undefined;
  }
  const prepared = prepareRun(data, found.ok, ports);
  if (prepared.kind === 'refused') return no(prepared.reason, prepared.message);
  if (prepared.fingerprint !== data.fingerprint)
    return no('changed', 'The action was changed: click its button again.');
  if (prepared.rate !== undefined) {
    const { rate } = prepared;
    const sent = await ports.allowances.send(`allowance/${data.action}`, { type: 'take', id, rate });
    if (sent.refused !== undefined)
      return no(
        'too_often',
        `${data.action} was run too often: try again in ${Math.ceil(sent.refused / 1000)} s.`,
      );
  }
  if (data.onceId !== undefined) {
    const sent = await ports.onces.send(data.onceId, { type: 'take', holder: id });
    if (sent.refused !== undefined)
      return no('used', await usedWords(sent.snapshot?.data.holder ?? '', ports));
  }
  const sent = await ports.actions.send(id, { type: 'start', by: click.userId });
  if (sent.refused !== undefined) return no('not_asked', 'This dialog is over.');
  return say(`Running ${data.action}. What becomes of it is said in the thread.`);
}

async function cancel(click: Click, delivery: Delivery, ports: ActionClickPorts): Promise<Ack | undefined> {
  const id = click.value ?? '';
  if (id.startsWith('action/')) await ports.actions.send(id, { type: 'cancel', by: click.userId });
  if (click.responseUrl === undefined) delivery.tell(NOTHING);
  else void ports.show(click.responseUrl, { text: `Cancelled. ${NOTHING}`, replace: true });
  return undefined;
}

/** The call of a run by the action as it is now, for somebody who may or may not. */
export function prepareRun(
  run: ActionRun,
  allowed: boolean,
  { actionOf, tokens, clock }: Pick<ActionClickPorts, 'actionOf' | 'tokens' | 'clock'>,
): Prepared {
  const actions = new Set(
    tokens()
      .filter(({ name }) => name === run.token)
      .flatMap((token) => [...token.actions]),
  );
  const click: ActionClick = {
    action: run.action,
    value: run.value,
    channel: run.channel,
    nonce: run.nonce,
    issuedAt: run.issuedAt,
    messageTs: run.messageTs,
    token: { name: run.token, actions },
    user: { ...run.user, allowed },
    clickId: run.clickId,
  };
  return prepareAction(actionOf(run.action), click, run.startedAt ?? clock.now());
}

async function usedWords(holder: string, { actions }: ActionClickPorts): Promise<string> {
  const by = (await actions.read(holder))?.data.user.id;
  return `This button works once, and was used${by === undefined ? '' : ` by <@${by}>`}.`;
}

function dialogOf(id: string, { action, confirm }: ActionRun): Shown {
  const button = (actionId: string, label: string, style: 'primary' | undefined) => ({
    type: 'button',
    action_id: actionId,
    value: id,
    text: { type: 'plain_text', text: label },
    ...(style && { style }),
  });
  return {
    replace: false,
    text: `Run ${action}?`,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: truncate(confirm, 3000), emoji: false } },
      { type: 'actions', elements: [button(RUN, 'Run', 'primary'), button(CANCEL, 'Cancel', undefined)] },
    ],
  };
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
