import type { Clock } from '../kit/clock.ts';

/** Slack is given this long to say who a person is; then their click is saved as it is, for it must be acknowledged (S15). */
const PATIENCE_MS = 300;

/** What Slack says of a person who clicked, or `slow` when it does not say so in time. */
export async function promptly<T>(asked: Promise<T>, clock: Clock): Promise<T | 'slow'> {
  const over = new AbortController();
  const slow = clock.sleep(PATIENCE_MS, over.signal).then(
    (): 'slow' => 'slow',
    (): 'slow' => 'slow',
  );
  try {
    return await Promise.race([asked, slow]);
  } finally {
    over.abort();
  }
}
