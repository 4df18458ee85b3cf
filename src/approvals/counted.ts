const PREFIX = 'publish:counted:';

/**
 * The effect by which a running listener counts a change that an operator's verb, another process, has saved: its metrics count
 * it when it is done, once. Of the kind `publish`, so that an older release publishes once more and does no harm.
 */
export function countedKey(status: string): string {
  return `${PREFIX}${status}`;
}

/** The status that an effect counts; undefined for every other effect. */
export function countedBy(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
}
