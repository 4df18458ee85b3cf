type Style = Intl.DateTimeFormatOptions;

const LONG: Style = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' };
const SHORT: Style = { year: 'numeric', month: 'short', day: 'numeric' };
const STYLES: Readonly<Record<string, Style>> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_slash: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_long: LONG,
  date_long_full: { year: 'numeric', month: 'long', day: 'numeric' },
  date_long_pretty: LONG,
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_pretty: { month: 'long', day: 'numeric' },
  date_short: SHORT,
  date_short_pretty: SHORT,
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

/** Slack's `<!date^…>` format in the reader's own time zone. A token that is not known shows the fallback instead. */
export function formatDate(seconds: number, format: string, fallback: string): string {
  const when = new Date(seconds * 1000);
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_, token: string) => {
    const style = STYLES[token];
    known &&= style !== undefined;
    return (token.endsWith('_pretty') && nearby(when)) || new Intl.DateTimeFormat('en', style).format(when);
  });
  return known ? text : fallback;
}

function nearby(when: Date): string | undefined {
  const day = (date: Date) => Math.round(new Date(date).setHours(12, 0, 0, 0) / 86_400_000);
  return new Map([
    [0, 'Today'],
    [1, 'Tomorrow'],
    [-1, 'Yesterday'],
  ]).get(day(when) - day(new Date()));
}
