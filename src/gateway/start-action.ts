import type { Rate } from '../kit/rate.ts';
import type { Ack, Delivery } from '../slack/handlers.ts';
import type { Click } from '../slack/interaction.ts';
import { NOTHING, overWords } from './action-dialog.ts';
import type { ActionClickPorts } from './action-ports.ts';
import type { ActionRun } from './action-record.ts';
import { prepareRun } from './prepare-run.ts';

type Say = (text: string) => undefined;

interface No {
  readonly reason: string;
  readonly text: string;
}

/** Runs what a dialog is about, when everything it was shown for still holds. */
export async function startAction(
  click: Click,
  delivery: Delivery,
  ports: ActionClickPorts,
): Promise<Ack | undefined> {
  const say = sayTo(click, delivery, ports);
  const refuse = ({ reason, text }: No): undefined => {
    ports.refused(reason);
    return say(`${text} ${NOTHING}`);
  };
  const over = (now: string, isRestored?: boolean): undefined => {
    ports.refused('not_asked');
    return say(overWords(now, isRestored));
  };
  const id = /^action\/[0-9a-f]{32}$/.test(click.value ?? '') ? (click.value ?? '') : '';
  const snapshot = id === '' ? undefined : await ports.actions.read(id);
  if (snapshot === undefined) return refuse({ reason: 'malformed', text: 'This button is not one of ours.' });
  const { data, status } = snapshot;
  if (data.user.id !== click.userId || data.channel !== click.channelId)
    return refuse({ reason: 'other_person', text: 'This dialog is not yours.' });
  if (status !== 'asked') return over(status, data.restored);

  // Between the dialog and the answer the person may have lost the right to do it, and the operator may have changed it.
  const action = ports.actionOf(data.action);
  const found = await ports.eligible(click.userId, action?.allow ?? []).catch(() => undefined);
  if (found === undefined) {
    ports.refused('unreadable');
    delivery.tell(`Slack did not say whether you may do this: click again. ${NOTHING}`);
    return undefined;
  }
  const prepared = prepareRun(data, found.ok, ports);
  if (prepared.kind === 'refused') return refuse({ reason: prepared.reason, text: prepared.message });
  if (prepared.fingerprint !== data.fingerprint)
    return refuse({ reason: 'changed', text: 'The action was changed: click its button again.' });

  const no = await reserve(id, data, prepared.rate, ports);
  if (no !== undefined) return refuse(no);
  if (click.responseUrl !== undefined) ports.reach(id, click.responseUrl);
  const sent = await ports.actions.send(id, { type: 'start', by: click.userId });
  if (sent.refused !== undefined) {
    const now = sent.snapshot?.status ?? '';
    // It was cancelled, or lapsed, meanwhile: it will never start. Where the same person was faster it holds what it took.
    if (['asked', 'cancelled', 'lapsed'].includes(now)) await giveBack(id, data, ports);
    return over(now);
  }
  return say(`Running ${data.action}. What becomes of it is said in the thread.`);
}

/** Who has used a button that works once, in words; undefined when nobody but `self` has. */
export async function usedBy(
  onceId: string,
  self: string | undefined,
  { onces, actions }: Pick<ActionClickPorts, 'onces' | 'actions'>,
): Promise<string | undefined> {
  const holder = (await onces.read(onceId))?.data.holder;
  if (holder === undefined || holder === self) return undefined;
  const by = (await actions.read(holder))?.data.user.id;
  return `This button works once, and was used${by === undefined ? '' : ` by <@${by}>`}.`;
}

/**
 * Takes what the run needs: room in the rate, then the one use of the button. What is refused takes neither; a use that is
 * taken and never started is given back when the dialog is over.
 */
async function reserve(
  id: string,
  { action, onceId }: ActionRun,
  rate: Rate | undefined,
  ports: ActionClickPorts,
): Promise<No | undefined> {
  const { onces, allowances } = ports;
  const used = onceId === undefined ? undefined : await usedBy(onceId, id, ports);
  if (used !== undefined) return { reason: 'used', text: used };
  if (rate !== undefined) {
    const sent = await allowances.send(`allowance/${action}`, { type: 'take', id, rate });
    if (sent.refused !== undefined) {
      const seconds = Math.ceil(sent.refused / 1000);
      return { reason: 'too_often', text: `${action} was run too often: try again in ${seconds} s.` };
    }
  }
  if (onceId === undefined) return undefined;
  const sent = await onces.send(onceId, { type: 'take', holder: id });
  if (sent.refused === undefined) return undefined;
  if (rate !== undefined) await allowances.send(`allowance/${action}`, { type: 'give_back', id });
  const text = (await usedBy(onceId, id, ports)) ?? 'This button works once, and was just used.';
  return { reason: 'used', text };
}

async function giveBack(id: string, { action, onceId }: ActionRun, ports: ActionClickPorts): Promise<void> {
  if (onceId !== undefined) await ports.onces.send(onceId, { type: 'give_back', holder: id });
  await ports.allowances.send(`allowance/${action}`, { type: 'give_back', id });
}

// In place of the dialog, which only its person sees; never in place of a message that others see.
function sayTo({ responseUrl, ephemeral }: Click, delivery: Delivery, { show }: ActionClickPorts): Say {
  return (text) => {
    if (responseUrl === undefined) delivery.tell(text);
    else void show(responseUrl, { text, replace: ephemeral });
    return undefined;
  };
}
