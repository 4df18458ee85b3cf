const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const SHORT = /^(?:\d+[smhdw])+$/;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Seconds of `90s`, `15m`, `2h`, `1h30m`, `1d` or ISO 8601 `PT2H`; undefined when it is none of these or is zero. */
export function parseDuration(text: string): number | undefined {
  const seconds = SHORT.test(text) ? shortSeconds(text) : isoSeconds(text);
  return seconds !== undefined && seconds > 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** `1h30m` of 5400 seconds, in days at most. */
export function formatDuration(seconds: number): string {
  let left = seconds;
  return ['d', 'h', 'm', 's']
    .map((unit) => {
      const count = Math.floor(left / (UNITS[unit] ?? 1));
      left -= count * (UNITS[unit] ?? 1);
      return count > 0 ? `${count}${unit}` : '';
    })
    .join('');
}

function shortSeconds(text: string): number {
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g))
    sum += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}

function isoSeconds(text: string): number | undefined {
  const found = ISO.exec(text);
  if (!found || text === 'P' || text.endsWith('T')) return undefined;
  const [, weeks, days, hours, minutes, seconds] = found.map((part) => Number(part ?? 0));
  return (
    (weeks ?? 0) * 604_800 + (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  );
}
