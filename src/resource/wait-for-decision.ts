import type { Listener } from '../approvals/client.ts';
import type { ApprovalView } from '../approvals/contract.ts';
import { isTrouble, isUnknown } from '../approvals/listener-answer.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import { namesOf, oneLine, when } from './decision.ts';

export interface WaitPorts {
  /** Asks the same again, for a listener that has been restored from a backup and does not know the request. */
  readonly again: () => Promise<ApprovalView>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** After the request's own end the listener still has this long to say so. */
const GRACE_MS = 5 * 60_000;
const MOST_AGAIN = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A listener that answers at once without news, or a proxy that cuts long polls, is not asked more often. */
const SHORTEST_ROUND_MS = 1000;
const REMINDER_MS = 10 * 60_000;

/**
 * Holds a request by long polls until it is decided, and says in the log what happens to it. A listener that restarts or
 * cannot be reached is waited for until the request must have ended. Faults: those of the listener's answers.
 */
export async function waitForDecision(
  opened: ApprovalView,
  listener: Listener,
  ports: WaitPorts,
): Promise<ApprovalView> {
  const { clock, log, signal } = ports;
  const started = clock.now();
  const diary = createDiary(log, clock);
  const outage = createOutage(log);
  let view = opened;
  let asks = 0;
  diary.note(view);
  while (view.status === 'requested') {
    const asked = clock.now();
    try {
      const next = await listener.hold(view.approval, view.revision);
      outage.over();
      diary.note(next);
      const rest = SHORTEST_ROUND_MS - (clock.now() - asked);
      if (next.revision === view.revision && next.status === 'requested' && rest > 0)
        await clock.sleep(rest, signal);
      view = next;
    } catch (failure) {
      if (!signal.aborted && isUnknown(failure) && asks++ < MOST_AGAIN) {
        log.warn('the listener does not know the request any more, as after a restore: it is asked anew');
        view = await ports.again();
        diary.note(view);
        continue;
      }
      if (signal.aborted || !isTrouble(failure)) throw failure;
      // By the length of the request, not by its end: the worker's clock may differ from the listener's.
      if (clock.now() > started + lengthOf(view) + GRACE_MS) throw gaveUp(failure, view);
      await clock.sleep(outage.pause(failure), signal);
    }
  }
  return view;
}

function lengthOf({ asked_at: asked, ends_at: ends }: ApprovalView): number {
  return Math.max(0, Date.parse(ends) - Date.parse(asked));
}

function gaveUp(failure: unknown, { ends_at: ends }: ApprovalView): Fault {
  const text = `${messageOf(failure)}; the request ended at ${when(ends)} without a word about it`;
  return new Fault('LISTENER_UNREACHABLE', text, {
    hint: "what was decided stands in the request's card; see that the listener runs, then ask again",
    cause: failure,
  });
}

// One line when the listener is missed, one when it is back. A single failure is not worth one: a kept connection has died.
function createOutage(log: Log): { pause(failure: unknown): number; over(): void } {
  let failures = 0;
  return {
    pause(failure) {
      failures += 1;
      if (failures === 2) log.warn(`${messageOf(failure)}; the request stays open, trying on`);
      return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    },
    over() {
      if (failures > 1) log.info('the listener answers again');
      failures = 0;
    },
  };
}

// What a person who looks at the build wants to read: where the card is, who has voted, and now and then that it still waits.
function createDiary(log: Log, clock: Clock): { note(view: ApprovalView): void } {
  let last = '';
  let place = '';
  let saidAt = clock.now();
  return {
    note(view) {
      const votes = `${view.votes} of ${view.quorum}`;
      const names = view.votes > 0 && namesOf(view) !== '' ? ` (${namesOf(view)})` : '';
      const card = cardOf(view);
      const due = clock.now() - saidAt >= REMINDER_MS;
      if (view.status === 'requested' && (votes !== last || card !== place || due)) {
        log.info(`${due ? 'still ' : ''}waiting: ${votes}${names}, until ${when(view.ends_at)}${card}`);
        saidAt = clock.now();
      }
      last = votes;
      place = card;
    },
  };
}

function cardOf({ permalink, channel }: ApprovalView): string {
  if (permalink !== undefined) return `, card: ${oneLine(permalink)}`;
  return channel === undefined ? '' : `, card in ${oneLine(channel)}`;
}
