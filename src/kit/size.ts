const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/** Bytes of `10MB`, `1.5GB`, `512` or a number; 1 KB is 1,024 bytes, as Slack counts. Undefined when malformed or zero. */
export function parseSize(size: string | number): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B)?$/i.exec(String(size).trim());
  if (!found) return undefined;
  const unit = UNITS[(found[2] ?? '').toUpperCase().replace('IB', 'B')];
  const bytes = Math.floor(Number(found[1]) * (unit ?? Number.NaN));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** The size as people read it: `812 bytes`, `1.2 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let value = bytes;
  let unit = '';
  for (unit of ['KB', 'MB', 'GB', 'TB']) {
    value /= 1024;
    if (value < 1023.5) break;
  }
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}
