import type { Task } from '../durable/machine.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { stringAt } from '../slack/answer.ts';
import type { Slack } from '../slack/client.ts';
import { isForGood } from '../slack/for-good.ts';
import { findPosted, postMessage, updateMessage } from '../slack/post.ts';
import type { Posted, PostPorts } from '../slack/post.ts';
import { slackErrorOf } from '../slack/refusal.ts';
import { cardOf } from './card.ts';
import { isOfStray } from './decide-stray.ts';
import type { ApprovalEvent } from './decide.ts';
import type { Approval } from './record.ts';
import { strayCardOf } from './stray-card.ts';

export interface CardPorts {
  /** A client whose calls end with the signal. */
  readonly slackFor: (signal: AbortSignal) => Slack;
  readonly clock: Clock;
  /** Told when a card of a request that is over cannot be brought up to date any more. */
  readonly gone: (id: string, why: string) => void;
  /** Counts each card that can no longer be brought up to date, and each second one that is found. */
  readonly lost: () => void;
}

/** Posts the card, or draws it anew as the request is now. */
export async function showCard(task: Task<Approval>, ports: CardPorts): Promise<ApprovalEvent | undefined> {
  const { snapshot, signal } = task;
  const call: PostPorts = { slack: ports.slackFor(signal), clock: ports.clock, signal };
  const { card } = snapshot.data;
  if (isOfStray(task.key)) return closeStray(task, ports, call);
  try {
    if (card === undefined) return await post(task, call);
    task.stillMine();
    await updateMessage(cardOf(snapshot), card, call);
    return undefined;
  } catch (error) {
    const why = slackErrorOf(error);
    if (why === undefined || !isForGood(error)) throw error;
    if (card !== undefined) ports.lost();
    if (snapshot.status === 'open')
      return card === undefined ? { type: 'card_refused', why } : { type: 'card_gone' };
    ports.gone(snapshot.id, why);
    return undefined;
  }
}

async function post(task: Task<Approval>, call: PostPorts): Promise<ApprovalEvent | undefined> {
  const { snapshot } = task;
  // A request that ended before its card was there needs none.
  if (snapshot.status !== 'open' && task.attempts === 0) return undefined;
  const target = { channel: snapshot.data.terms.channel };
  // One that was lost is not to be found again.
  // Whoever asks knows the id: what nobody knows yet keeps a message of theirs from being taken for the card (S21).
  const nonce = `${snapshot.id}:card:${snapshot.data.cardsLost ?? 0}:${snapshot.data.nonce}`;
  const found = task.attempts === 0 ? undefined : await before(task, target, nonce, call);
  if (found === undefined && snapshot.status !== 'open') return undefined;
  task.stillMine();
  const posted = found ?? (await postMessage(cardOf(snapshot), target, nonce, call));
  return { type: 'card_posted', ...posted };
}

// Found by a click: nobody knew where it was.
async function closeStray(task: Task<Approval>, { gone }: CardPorts, call: PostPorts): Promise<undefined> {
  const { snapshot, data = {} } = task;
  const { channel, ts } = data;
  if (typeof channel !== 'string' || typeof ts !== 'string') return undefined;
  task.stillMine();
  try {
    await updateMessage(strayCardOf(snapshot), { channel, ts }, call);
  } catch (error) {
    const why = slackErrorOf(error);
    if (why === undefined || !isForGood(error)) throw error;
    gone(snapshot.id, why);
  }
  return undefined;
}

/** Asks for the address of the card, for build logs and refusals: after the card, because clicks count only once it is known. */
export async function findPermalink(
  { snapshot, signal }: Task<Approval>,
  ports: CardPorts,
): Promise<ApprovalEvent | undefined> {
  const { card } = snapshot.data;
  if (card === undefined) return undefined;
  const args = { channel: card.channel, message_ts: card.ts };
  const permalink = await ports
    .slackFor(signal)
    .call('chat.getPermalink', args, 'read')
    .then((answer) => stringAt(answer, 'permalink'))
    .catch((error: unknown) => {
      // Everything goes on without it.
      if (slackErrorOf(error) === undefined) throw error;
    });
  return permalink === undefined ? undefined : { type: 'card_linked', permalink };
}

// An earlier try may have posted it, and ended before it could say so (section 3 of the lifecycles).
async function before(
  { snapshot }: Task<Approval>,
  target: { readonly channel: string },
  nonce: string,
  call: PostPorts,
): Promise<Posted | undefined> {
  try {
    return await findPosted(target, nonce, snapshot.createdAt / 1000 - 60, call, [0]);
  } catch (error) {
    // Without the scopes to look, a second card is better than none. The first click on the other tells where it is.
    if (error instanceof Fault && error.code === 'SLACK_REFUSED') return undefined;
    throw error;
  }
}
