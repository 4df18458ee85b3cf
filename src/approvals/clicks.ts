import type { Snapshot } from '../durable/machine.ts';
import { messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Slack } from '../slack/client.ts';
import type { Ack, Delivery, Registration } from '../slack/handlers.ts';
import { typedInto } from '../slack/inputs.ts';
import type { Click, Submission } from '../slack/interaction.ts';
import { openModal } from '../slack/modal.ts';
import type { ModalView } from '../slack/modal.ts';
import { CARD_ACTIONS } from './card.ts';
import { castVote } from './cast.ts';
import type { CastPorts } from './cast.ts';
import { castDoubt } from './cast-doubt.ts';
import { needsReason } from './decide-vote.ts';
import { recordId } from './machine.ts';
import { detailsModal, readTicket, REASON_INPUT, REASON_MODAL, reasonModal } from './modals.ts';
import type { Approval } from './record.ts';
import type { CardPorts } from './show-card.ts';
import { oldCardWords } from './old-card.ts';
import { mayDecide, mayDecideKnown } from './voters.ts';
import { alreadyWords, clickWords, refusalWords } from './words.ts';

export interface ClickPorts extends CastPorts, Pick<CardPorts, 'lost'> {
  readonly slack: Slack;
  readonly log: Log;
}

const CARD_LOOKS = 20;
const CARD_LOOK_MS = 50;

/** Takes what people do with the cards of approvals. */
export function takeClicks(intake: Registration, ports: ClickPorts): void {
  const votes = { remembers: true };
  intake.onAction(
    CARD_ACTIONS.approve,
    (click, delivery) => decide('approve', click, delivery, ports),
    votes,
  );
  intake.onAction(CARD_ACTIONS.deny, (click, delivery) => decide('deny', click, delivery, ports), votes);
  intake.onAction(CARD_ACTIONS.details, (click, delivery) => showDetails(click, delivery, ports));
  intake.onAction(CARD_ACTIONS.takeBack, (click, delivery) => takeBack(click, delivery, ports));
  intake.onViewSubmission(REASON_MODAL, (form, delivery) => submitted(form, delivery, ports), votes);
}

async function decide(
  vote: 'approve' | 'deny',
  click: Click,
  delivery: Delivery,
  ports: ClickPorts,
): Promise<Ack | undefined> {
  const snapshot = await onCard(click, delivery, ports);
  if (snapshot === undefined) return undefined;
  const { data } = snapshot;
  if (snapshot.status !== 'open') {
    ports.refused('not_open');
    delivery.tell(alreadyWords(snapshot));
  } else if (needsReason(data, vote)) {
    await askWhy(vote, snapshot, click, { delivery, ports });
  } else {
    const { userId: user, actionTs = '0', responseUrl } = click;
    const words = await castVote(
      snapshot,
      { user, vote, at: delivery.receivedAt, actionTs, responseUrl },
      delivery.once,
      ports,
    );
    if (words !== undefined) delivery.tell(words);
  }
  return undefined;
}

// Opened without asking Slack who the person is (S19); whoever is known not to decide, or to be late, hears so at once.
async function askWhy(
  vote: 'approve' | 'deny',
  snapshot: Snapshot<Approval>,
  click: Click,
  { delivery, ports }: { readonly delivery: Delivery; readonly ports: ClickPorts },
): Promise<void> {
  const { terms } = snapshot.data;
  const known = mayDecideKnown(click.userId, terms, ports.directory);
  if (known !== undefined && !known.ok) {
    ports.refused(known.reason);
    delivery.tell(refusalWords(known.reason));
  } else if (delivery.receivedAt >= terms.endsAt) {
    ports.refused('late');
    delivery.tell(clickWords({ code: 'late' }, undefined) ?? '');
  } else {
    const ticket = { card: click.value ?? '', vote, responseUrl: click.responseUrl };
    open(reasonModal(ticket, terms.title), click, delivery, ports);
    if (vote === 'approve') return;
    const words = await castDoubt(snapshot, { user: click.userId, at: delivery.receivedAt }, ports);
    if (words !== undefined) delivery.tell(words);
  }
}

async function submitted(form: Submission, delivery: Delivery, ports: ClickPorts): Promise<Ack | undefined> {
  const ticket = readTicket(form.view.privateMetadata);
  const snapshot = await named(ticket?.card, ports);
  if (ticket === undefined || snapshot === undefined) {
    const old = await namedBefore(ticket?.card, ports);
    ports.refused(old === undefined ? 'other_card' : 'restored');
    return errorOf(old !== undefined ? oldCardWords(old) : clickWords({ code: 'unknown' }, undefined));
  }
  const reason = typedInto(form.view.inputs, REASON_INPUT)?.slice(0, 1000).toWellFormed();
  if (reason === undefined) return errorOf('A reason is needed.');
  if (snapshot.status !== 'open') {
    ports.refused('not_open');
    return errorOf(alreadyWords(snapshot), snapshot);
  }
  const { vote, responseUrl } = ticket;
  const cast = {
    user: form.userId,
    vote,
    at: delivery.receivedAt,
    actionTs: afterAll(snapshot.data, form.userId, delivery.receivedAt),
    reason,
    responseUrl,
  };
  const words = await castVote(snapshot, cast, delivery.once, ports);
  if (words === undefined) return { body: { response_action: 'clear' } };
  return errorOf(words, await ports.approvals.read(snapshot.id));
}

// A submission has no time of its own: it comes after the clicks that came before it, whatever Slack's clock says.
function afterAll({ votes, inbox }: Approval, user: string, receivedAt: number): string {
  const own = [...votes, ...inbox].filter((each) => each.user === user).map((each) => Number(each.actionTs));
  return Math.max(receivedAt / 1000, ...own.map((at) => at + 0.000001)).toFixed(6);
}

// The words of a refusal stand in the form itself, which has no markup.
function errorOf(words = 'Nothing changed.', snapshot?: Snapshot<Approval>): Ack {
  const names = new Map(snapshot?.data.decision?.by.map(({ user, name }) => [user, name]));
  const text = words
    .replaceAll(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/<@(\w+)>/g, (_, user: string) => names.get(user) ?? user)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return { body: { response_action: 'errors', errors: { reason: text } } };
}

async function showDetails(click: Click, delivery: Delivery, ports: ClickPorts): Promise<undefined> {
  const snapshot = await onCard(click, delivery, ports);
  if (snapshot !== undefined) open(detailsModal(snapshot), click, delivery, ports);
  return undefined;
}

async function takeBack(click: Click, delivery: Delivery, ports: ClickPorts): Promise<undefined> {
  const snapshot = await onCard(click, delivery, ports);
  if (snapshot === undefined) return undefined;
  const found = await mayDecide(click.userId, snapshot.data.terms, ports.directory).catch(() => undefined);
  if (found === undefined)
    delivery.tell('Slack did not say whether you may do this. Nothing changed: click again.');
  else if (!found.ok) {
    ports.refused(found.reason);
    delivery.tell(refusalWords(found.reason));
  } else {
    const by = { user: click.userId, name: found.name };
    const sent = await ports.approvals.send(snapshot.id, { type: 'withdraw', by, why: 'taken back' });
    if (sent.refused !== undefined && sent.snapshot !== undefined) delivery.tell(alreadyWords(sent.snapshot));
  }
  return undefined;
}

/**
 * The request of the card that was clicked. A button counts only on the card it was made for: a copy in another channel, an
 * older card, another request's nonce do nothing (S22).
 */
async function onCard(
  click: Click,
  delivery: Delivery,
  ports: ClickPorts,
): Promise<Snapshot<Approval> | undefined> {
  const found = await named(click.value, ports);
  const snapshot = found && (await withCard(found, ports));
  if (snapshot === undefined) {
    const old = await namedBefore(click.value, ports);
    ports.refused(old === undefined ? 'unknown' : 'restored');
    delivery.tell(
      old !== undefined ? oldCardWords(old) : 'This request is not known here any more. Nothing changed.',
    );
    return undefined;
  }
  const { card } = snapshot.data;
  if (card !== undefined && card.channel === click.channelId && card.ts === click.messageTs) return snapshot;
  ports.refused('other_card');
  delivery.tell(otherCardWords(snapshot));
  await tellStray(snapshot, click, ports);
  return undefined;
}

// A button with the right nonce on another message of ours is most likely a card whose posting nobody heard of.
async function tellStray({ id }: Snapshot<Approval>, click: Click, ports: ClickPorts): Promise<void> {
  const { channelId: channel, messageTs: ts } = click;
  if (channel === undefined || ts === undefined) return;
  try {
    const { refused } = await ports.approvals.send(id, { type: 'stray_found', channel, ts });
    if (refused === undefined) ports.lost();
  } catch (error) {
    ports.log.warn(`a second card stays as it is: ${messageOf(error)}`);
  }
}

// Slack shows a card before it answers to whoever posted it: a quick click waits for that answer.
async function withCard(
  snapshot: Snapshot<Approval>,
  { approvals, clock }: ClickPorts,
): Promise<Snapshot<Approval>> {
  let current = snapshot;
  for (let tries = 0; tries < CARD_LOOKS && current.status === 'open' && !current.data.card; tries++) {
    await clock.sleep(CARD_LOOK_MS);
    current = (await approvals.read(snapshot.id)) ?? current;
  }
  return current;
}

/** The request that a button's value `id.nonce` names, exactly as it was made. */
function named(value: string | undefined, ports: ClickPorts): Promise<Snapshot<Approval> | undefined> {
  return withNonce(value, ports, ({ nonce }) => nonce);
}

/** The request that a button named before the store was restored. */
function namedBefore(value: string | undefined, ports: ClickPorts): Promise<Snapshot<Approval> | undefined> {
  return withNonce(value, ports, ({ restored }) => restored?.nonce);
}

async function withNonce(
  value: string | undefined,
  { approvals }: ClickPorts,
  nonceOf: (data: Approval) => string | undefined,
): Promise<Snapshot<Approval> | undefined> {
  const [, id, nonce] = /^([0-9a-f]{24})\.([\w-]+)$/.exec(value ?? '') ?? [];
  const snapshot = id === undefined ? undefined : await approvals.read(recordId(id));
  return snapshot !== undefined && nonceOf(snapshot.data) === nonce ? snapshot : undefined;
}

function otherCardWords(snapshot: Snapshot<Approval>): string {
  const { card } = snapshot.data;
  if (snapshot.status !== 'open') return `This is a copy, or an older card. ${alreadyWords(snapshot)}`;
  if (card === undefined) return 'The card is just being posted. Nothing changed: click again in a moment.';
  const place =
    card.permalink === undefined ? 'on the newest card' : `on <${card.permalink}|the card itself>`;
  return `This is a copy, or an older card. Nothing changed: click ${place}.`;
}

// Not awaited: the click is acknowledged at once, and the form opens meanwhile.
function open(view: ModalView, click: Click, delivery: Delivery, ports: ClickPorts): void {
  openModal(ports, click.triggerId, view)
    .then((opened) => {
      if (!opened.ok) delivery.tell('Slack did not open the form in time. Nothing changed: click again.');
    })
    .catch((error: unknown) => ports.log.warn(`a form was not opened: ${messageOf(error)}`));
}
