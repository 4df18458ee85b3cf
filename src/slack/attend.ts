import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Ack } from './handlers.ts';

/** One handler's run, and how its person is told what came of it. */
export interface Job {
  /** For logs and metrics. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly run: () => Promise<Ack | undefined>;
  /** An acknowledgement that says it itself, where there can be one: a modal and a command read theirs, a click does not. */
  readonly ackSaying: (text: string) => Ack | undefined;
  /** Says it beside the acknowledgement, or after it. */
  readonly tell: (text: string) => void;
}

export type Attended =
  /** `handled` and `late`: it was acknowledged after so many milliseconds. `late_handled`: it ended. */
  | { readonly kind: 'handled' | 'late' | 'late_handled'; readonly handler: string; readonly ms: number }
  | { readonly kind: 'stuck'; readonly handler: string }
  | { readonly kind: 'failed'; readonly handler: string; readonly code: string };

export interface AttendPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly observe: (event: Attended) => void;
  /** How long after its arrival a request is acknowledged at the latest. */
  readonly deadlineMs: number;
}

export interface Outcome {
  readonly kind: 'done' | 'failed' | 'late';
  readonly ack: Ack;
}

export interface Attendant {
  /** Runs a job until its deadline; what is not done then goes on, and the person hears of it when it fails. */
  attend(job: Job): Promise<Outcome>;
  /** Resolves when every job has ended, late ones too. */
  idle(): Promise<void>;
}

/** What was saved is not known when the store did not answer, so nothing is claimed about it. */
export const NOT_SAVED = 'This could not be saved just now. If the message does not change, click again.';
const SLOW = 'This takes longer than usual. If the message does not change within a minute, click again.';
/** Why a sleep is over: one for all, because making an error costs more than deciding a vote. */
const AWAKE = new Error('no longer waited for');
/** A late job that is not done by then will hardly be. */
const STUCK_MS = 10_000;

/** Holds handlers to Slack's 3 s without losing what they do (S15). */
export function createAttendant({ clock, log, observe, deadlineMs }: AttendPorts): Attendant {
  const running = new Set<Promise<unknown>>();
  const elapsed = (job: Job) => clock.now() - job.receivedAt;

  const failed = (job: Job, error: unknown): void => {
    const code = error instanceof Fault ? error.code : 'unexpected';
    const text =
      error instanceof Error && code === 'unexpected' ? (error.stack ?? error.message) : messageOf(error);
    observe({ kind: 'failed', handler: job.name, code });
    log.warn(`${job.name} failed: ${text}`);
  };

  const followUp = async (job: Job, work: Promise<unknown>, isTold: boolean): Promise<void> => {
    const over = new AbortController();
    const stuck = clock.sleep(STUCK_MS, over.signal).then(
      () => {
        observe({ kind: 'stuck', handler: job.name });
        if (!isTold) job.tell(SLOW);
      },
      () => undefined,
    );
    const ended = work.then(
      () => observe({ kind: 'late_handled', handler: job.name, ms: elapsed(job) }),
      (error: unknown) => {
        failed(job, error);
        job.tell(NOT_SAVED);
      },
    );
    await Promise.race([ended, stuck]);
    over.abort(AWAKE);
    await ended;
  };

  const keep = (work: Promise<unknown>): void => {
    const forget = () => void running.delete(kept);
    const kept: Promise<void> = work.then(forget, forget);
    running.add(kept);
  };

  return {
    async attend(job) {
      const work = job.run();
      keep(work);
      const over = new AbortController();
      const left = Math.max(0, job.receivedAt + deadlineMs - clock.now());
      const late = clock.sleep(left, over.signal).then(
        () => 'late' as const,
        () => 'late' as const,
      );
      try {
        const first = await Promise.race([work, late]);
        over.abort(AWAKE);
        if (first === 'late') {
          observe({ kind: 'late', handler: job.name, ms: elapsed(job) });
          const ack = job.ackSaying(SLOW);
          keep(followUp(job, work, ack !== undefined));
          return { kind: 'late', ack: ack ?? {} };
        }
        observe({ kind: 'handled', handler: job.name, ms: elapsed(job) });
        return { kind: 'done', ack: first ?? {} };
      } catch (error) {
        over.abort(AWAKE);
        failed(job, error);
        return { kind: 'failed', ack: job.ackSaying(NOT_SAVED) ?? told(job, NOT_SAVED) };
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function told(job: Job, text: string): Ack {
  job.tell(text);
  return {};
}
