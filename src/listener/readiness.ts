import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import type { ListenerLog } from './log.ts';

/** What must be right before traffic comes: nothing, or the reason why not yet. */
export type Check = () => Promise<string | undefined>;

export interface Readiness {
  add(name: string, check: Check): void;
  /** From now on the answer is no. */
  stopping(): void;
  /** Which checks hold; the reasons are in the log, because anybody may ask. */
  report(): Promise<{ readonly ready: boolean; readonly checks: Readonly<Record<string, boolean>> }>;
}

const LIMIT_MS = 2000;
const KEPT_MS = 1000;

/** Runs the checks, each at most 2 s and all at most once a second, however often somebody asks. */
export function createReadiness(clock: Clock, log: ListenerLog, told: (ready: boolean) => void): Readiness {
  const checks = new Map<string, Check>();
  const reasons = new Map<string, string>();
  let stopping = false;
  let kept: { readonly at: number; readonly results: Promise<Record<string, boolean>> } | undefined;

  const run = async (name: string, check: Check): Promise<readonly [string, boolean]> => {
    const reason = await limited(check, clock).catch(messageOf);
    if (reason !== reasons.get(name)) {
      if (reason === undefined) log.info('check passes', { check: name });
      else log.warn('check fails', { check: name, reason });
    }
    if (reason === undefined) reasons.delete(name);
    else reasons.set(name, reason);
    return [name, reason === undefined];
  };
  const all = async () =>
    Object.fromEntries(await Promise.all([...checks].map(([name, check]) => run(name, check))));

  return {
    add: (name, check) => {
      checks.set(name, check);
      kept = undefined;
    },
    stopping: () => {
      stopping = true;
      told(false);
    },
    async report() {
      if (!kept || clock.now() - kept.at >= KEPT_MS) kept = { at: clock.now(), results: all() };
      const results = await kept.results;
      const ready = !stopping && Object.values(results).every(Boolean);
      told(ready);
      return { ready, checks: { ...results, running: !stopping } };
    },
  };
}

async function limited(check: Check, clock: Clock): Promise<string | undefined> {
  const over = new AbortController();
  const late = async () => {
    await clock.sleep(LIMIT_MS, over.signal);
    return `no answer for ${LIMIT_MS / 1000} s`;
  };
  try {
    return await Promise.race([check(), late().catch(() => undefined)]);
  } finally {
    over.abort();
  }
}
