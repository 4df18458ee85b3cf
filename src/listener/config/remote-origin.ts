import type { Clock } from '../../kit/clock.ts';
import { messageOf } from '../../kit/fault.ts';
import type { Origin, OriginEvents } from './origin.ts';

const FRESH_MS = 5 * 60_000;
const RENEW_EVERY_MS = 60_000;

/**
 * A value in Secrets Manager or Parameter Store. It is asked for again in the background when somebody needs it and it is
 * older than five minutes, and after it was refused at most once a minute. Rejects when it cannot be had at first.
 */
export async function remoteOrigin(
  fetch: () => Promise<string>,
  clock: Clock,
  events: OriginEvents,
): Promise<Origin> {
  let value = await fetch();
  let askedAt = clock.now();
  let asking: Promise<boolean> | undefined;

  const ask = (): Promise<boolean> => {
    askedAt = clock.now();
    asking ??= again().finally(() => (asking = undefined));
    return asking;
  };
  const again = async (): Promise<boolean> => {
    try {
      const text = await fetch();
      if (text === value) return false;
      const wrong = text === '' ? 'is empty' : events.changed(text);
      if (wrong === undefined) {
        value = text;
        return true;
      }
      events.stale(wrong);
    } catch (error) {
      events.stale(`cannot be read: ${messageOf(error)}`);
    }
    return false;
  };

  return {
    read() {
      if (clock.now() - askedAt >= FRESH_MS) void ask();
      return value;
    },
    renew() {
      if (asking) return asking;
      return clock.now() - askedAt >= RENEW_EVERY_MS ? ask() : Promise.resolve(false);
    },
  };
}
