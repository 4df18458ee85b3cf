import { Later } from '../durable/machine.ts';
import type { Snapshot, Task } from '../durable/machine.ts';
import { messageOf } from '../kit/fault.ts';
import { isForGood } from '../slack/for-good.ts';
import { dateToken } from '../slack/mrkdwn.ts';
import { postMessage } from '../slack/post.ts';
import { context, linked } from './card-parts.ts';
import type { Approval } from './record.ts';
import type { CardPorts } from './show-card.ts';
import { alreadyWords } from './words.ts';

const SOON_MS = 2000;

/**
 * Says in the thread of a card from before a restore that it no longer counts, and where the new one is. The card itself is
 * left as it is: it may be all that tells what was decided after the backup.
 */
export async function tellOldCard(task: Task<Approval>, ports: CardPorts): Promise<undefined> {
  const { snapshot, signal } = task;
  const { card, restored } = snapshot.data;
  if (restored?.card === undefined) return undefined;
  const isComing = (key: string) => snapshot.effects.some((effect) => effect.key === key);
  if (snapshot.status === 'open' && (card === undefined || (!card.permalink && isComing('permalink'))))
    throw new Later(SOON_MS, 'the new card is not posted yet');
  task.stillMine();
  const target = { channel: restored.card.channel, thread: restored.card.ts };
  const call = { slack: ports.slackFor(signal), clock: ports.clock, signal };
  const words = `♻️ The listener was restored from a backup · ${dateToken(restored.at / 1000)}. This card no longer counts: ${whereNow(snapshot)}`;
  try {
    await postMessage(
      { text: words, blocks: [context(words)] },
      target,
      `${snapshot.id}:old_card:${restored.at}`,
      call,
    );
  } catch (error) {
    if (!isForGood(error)) throw error;
    ports.gone(snapshot.id, messageOf(error));
  }
  return undefined;
}

/** What a person is told who clicks on a card from before a restore. */
export function oldCardWords(snapshot: Snapshot<Approval>): string {
  const now = snapshot.status === 'open' ? `Nothing changed: ${whereNow(snapshot)}` : whereNow(snapshot);
  return `The listener was restored from a backup, and this card no longer counts. ${now}`;
}

function whereNow(snapshot: Snapshot<Approval>): string {
  const { card } = snapshot.data;
  if (snapshot.status !== 'open') return alreadyWords(snapshot);
  if (card === undefined) return 'a new card is being posted.';
  return `decide on ${card.permalink === undefined ? 'the new card' : linked('the new card', card.permalink)}.`;
}
