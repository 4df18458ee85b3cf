import { createHash } from 'node:crypto';
import type { Ack, Delivery, Registration } from '../slack/handlers.ts';
import type { Click } from '../slack/interaction.ts';
import { verifyActionValue } from '../slack/verify-action-value.ts';
import type { ValueRefusal, VerifiedValue } from '../slack/verify-action-value.ts';
import { prepareAction } from './action.ts';
import type { PreparedAction } from './action.ts';
import { CANCEL, dialogOf, NOTHING, overWords, RUN } from './action-dialog.ts';
import type { ActionClickPorts } from './action-ports.ts';
import type { ActionRun } from './action-record.ts';
import { offeredBy } from './prepare-run.ts';
import { startAction, usedBy } from './start-action.ts';

/** What a person is told; the reason of a forged value is nobody's business. */
const VALUE_WORDS: Readonly<Record<ValueRefusal, string>> = {
  malformed: 'This button is not one of ours.',
  foreign: 'This button was not made by a pipeline that we know, or was changed.',
  elsewhere: 'This is a copy of a card: its buttons work only where the pipeline posted it.',
  early: 'This button is from the future: a clock is wrong.',
  expired: 'This button is too old.',
};

/**
 * Takes clicks on the buttons of puts. A click first shows what it would run, with the real values, to the person alone; only
 * their answer runs it. The value is authority for nothing: who may do what stands in the configuration (S21).
 */
export function takeActionClicks(intake: Registration, ports: ActionClickPorts): void {
  const options = { apps: ['own', 'pipeline'] as const };
  intake.onAction('action-', (click, delivery) => ask(click, delivery, ports), options);
  intake.onAction(RUN, (click, delivery) => startAction(click, delivery, ports), options);
  intake.onAction(CANCEL, (click, delivery) => cancel(click, delivery, ports), options);
}

async function ask(click: Click, delivery: Delivery, ports: ActionClickPorts): Promise<Ack | undefined> {
  const no = (reason: string, text: string): undefined => {
    ports.refused(reason);
    delivery.tell(`${text} ${NOTHING}`);
  };
  const now = ports.clock.now();
  const verified = verifyActionValue(click.value ?? '', ports.tokens(), { channel: click.channelId, now });
  if (verified.kind === 'refused') return no(verified.reason, VALUE_WORDS[verified.reason]);
  const { messageTs, responseUrl, userId } = click;
  if (messageTs === undefined || responseUrl === undefined) return no('malformed', VALUE_WORDS.malformed);
  const action = ports.actionOf(verified.action);
  const found = await ports.eligible(userId, action?.allow ?? []).catch(() => undefined);
  if (found === undefined) return no('unreadable', 'Slack did not say whether you may do this: click again.');
  // Nobody but Slack and this person knows the response URL: no other button can carry the id of this dialog.
  const clickId = digest([verified.token, verified.nonce, userId, click.actionTs, responseUrl]);
  const user = { id: userId, name: found.ok ? found.name : userId };
  const prepared = prepareAction(
    action,
    {
      ...verified,
      messageTs,
      clickId,
      token: { name: verified.token, actions: offeredBy(verified.token, ports) },
      user: { ...user, allowed: found.ok },
    },
    now,
    ports.restoredAt,
  );
  if (prepared.kind === 'refused') return no(prepared.reason, prepared.message);
  const run = runOf(verified, prepared, { messageTs, threadTs: click.threadTs, clickId, user });
  const used = run.onceId === undefined ? undefined : await usedBy(run.onceId, undefined, ports);
  if (used !== undefined) return no('used', used);
  const id = `action/${clickId}`;
  await ports.actions.send(id, { type: 'ask', run });
  void ports.show(responseUrl, dialogOf(id, run)).then((isShown) => isShown || ports.refused('not_shown'));
  return undefined;
}

function runOf(
  { action, value, token, nonce, issuedAt, channel }: VerifiedValue,
  { confirm, fingerprint, onceKey }: PreparedAction,
  click: Pick<ActionRun, 'messageTs' | 'threadTs' | 'clickId' | 'user'>,
): ActionRun {
  const onceId = onceKey === undefined ? undefined : `once/${digest([onceKey])}`;
  return { action, value, token, nonce, issuedAt, channel, ...click, confirm, fingerprint, onceId };
}

async function cancel(click: Click, delivery: Delivery, ports: ActionClickPorts): Promise<Ack | undefined> {
  const id = click.value ?? '';
  const sent = /^action\/[0-9a-f]{32}$/.test(id)
    ? await ports.actions.send(id, { type: 'cancel', by: click.userId })
    : ({ refused: 'unknown' } as const);
  if (sent.refused === 'other_person' || sent.refused === 'unknown') {
    delivery.tell(VALUE_WORDS.malformed);
    return undefined;
  }
  const text =
    sent.refused === undefined
      ? `Cancelled. ${NOTHING}`
      : overWords(sent.snapshot?.status ?? '', sent.snapshot?.data.restored);
  if (click.responseUrl === undefined) delivery.tell(text);
  else void ports.show(click.responseUrl, { text, replace: click.ephemeral });
  return undefined;
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
