import { messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import type { Observer } from './core.ts';

/** The observer, whose own failures are logged and stop nothing. */
export function guarded(observer: Observer, log: Log): Observer {
  const safely = (tell: () => void) => {
    try {
      tell();
    } catch (error) {
      log.warn(`an observer failed: ${messageOf(error)}`);
    }
  };
  return {
    effect: (...what) => safely(() => observer.effect(...what)),
    newer: (id) => safely(() => observer.newer(id)),
    restored: (kind) => safely(() => observer.restored?.(kind)),
    changed: (...what) => safely(() => observer.changed(...what)),
    swept: (report) => safely(() => observer.swept(report)),
  };
}
