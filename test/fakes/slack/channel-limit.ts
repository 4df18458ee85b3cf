/** Seconds until a call may come again, undefined where it may now: Slack takes about one chat.postMessage a second in a channel. */
export type ChannelLimit = (method: string, args: Readonly<Record<string, unknown>>) => number | undefined;

/** Takes one post in `everyMs` in each channel; without it as many as come. */
export function channelLimit(everyMs: number | undefined, now: () => number): ChannelLimit {
  const next = new Map<string, number>();
  return (method, { channel }) => {
    if (everyMs === undefined || method !== 'chat.postMessage') return undefined;
    const at = now();
    const from = next.get(String(channel)) ?? at;
    if (from > at) return Math.ceil((from - at) / 1000);
    next.set(String(channel), at + everyMs);
    return undefined;
  };
}
