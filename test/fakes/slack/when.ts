/** Waits for a value: looks now, whenever `onChange` tells of something new, and for what time alone brings, every 20 ms. */
export function when<T>(
  check: () => T | undefined | false,
  onChange: (listener: () => void) => () => void,
  withinMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (end: () => void) => {
      clearInterval(poll);
      clearTimeout(limit);
      ignore();
      end();
    };
    const look = () => {
      try {
        const value = check();
        if (value !== undefined && value !== false) stop(() => resolve(value));
      } catch (error) {
        stop(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    const poll = setInterval(look, 20);
    const limit = setTimeout(() => {
      stop(() => reject(new Error(`fake Slack: not within ${withinMs} ms: ${check.toString()}`)));
    }, withinMs);
    const ignore = onChange(look);
    look();
  });
}
