import type { Clock } from '../kit/clock.ts';
import type { Redactor } from '../kit/redact.ts';
import type { Loaded } from './config/read-config.ts';
import type { ListenerLog } from './log.ts';
import type { OpenedStore } from './open-store.ts';

/** What a verb works with. */
export interface VerbContext extends Loaded {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly log: ListenerLog;
  /** Opened at the first call, as a guest beside a running listener, and closed after the verb. */
  readonly store: () => Promise<OpenedStore>;
  /** One line on stdout, without secrets. */
  readonly say: (line: string) => void;
  /** One line on stderr. */
  readonly warn: (line: string) => void;
}

/** Something an operator does. */
export interface Verb {
  readonly name: string;
  /** What follows the name: `ID [--reason TEXT]` */
  readonly usage: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Resolves to the exit code: 0, or 1 when it found what must not be. Throws a Fault for what cannot be done. */
  run(context: VerbContext, args: readonly string[]): Promise<number>;
}
