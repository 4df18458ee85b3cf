const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': '\u02CB' };
const WORD_JOINER = '\u2060';
const ELLIPSIS = '…';

/** Control characters but newline and tab, and the bidirectional overrides that make text read as something else. */
const INVISIBLE = /[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu;
const LIVE = /[&<>`]|mailto:|tel:|:\/\//gi;

/** What may never be cut in two: a `<…>` token, an entity, a surrogate pair. */
const ATOM = /<[^<>\n]+>|&(?:amp|lt|gt);|[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
const SMALL_ATOM = /&(?:amp|lt|gt);|[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
const LONGEST_SMALL_ATOM = '&amp;'.length;

/**
 * Untrusted text made safe inside mrkdwn (S29): it can neither ping, link, nor open a code span. `&`, `<`, `>` become
 * entities in one pass; a backtick, which has no escape, becomes U+02CB; a word joiner keeps `://`, `mailto:` and `tel:`
 * from being made links; control characters (but newline and tab) and bidirectional overrides are dropped.
 */
export function escapeMrkdwn(value: string): string {
  return visible(value).replace(LIVE, (live) => {
    if (live === '://') return `:${WORD_JOINER}//`;
    return ENTITIES[live] ?? live + WORD_JOINER;
  });
}

/** The text without control characters (but newline and tab) and bidirectional overrides: for plain text, too. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/**
 * The text in at most `max` UTF-16 units, an ellipsis included when something was cut off. Cuts between code points,
 * never inside an entity, and inside a `<…>` token only when nothing else would be left.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < ELLIPSIS.length) return '';
  return text.slice(0, hardCut(text, max - ELLIPSIS.length)) + ELLIPSIS;
}

/**
 * The text in pieces of at most `max` (5 or more) UTF-16 units, cut at the last paragraph, else line, else space, else
 * code point that fits; whitespace at the cuts is dropped, and blank text has no pieces. A `<…>` token, an entity or a
 * surrogate pair is never cut, but for a token that is itself longer than `max`.
 */
export function splitMrkdwn(text: string, max = 3000): string[] {
  if (!(max >= LONGEST_SMALL_ATOM)) throw new RangeError(`max is ${max}, at least ${LONGEST_SMALL_ATOM}`);
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const cut = lineCut(rest, max) ?? spaceCut(rest, max) ?? hardCut(rest, max);
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).replace(/^(?:[^\S\n]*\n)+|^\s+/, '');
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
}

/** A date that each reader sees in their own time zone, and clients that cannot as `utc` writes it. */
export function dateToken(unixSeconds: number): string {
  return `<!date^${Math.floor(unixSeconds)}^{date_short_pretty} {time}|${utc(unixSeconds)}>`;
}

/** The time as `2026-11-23 10:00 UTC`, for text where Slack renders no dates. */
export function utc(unixSeconds: number): string {
  return new Date(unixSeconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d\d\.\d+Z$/, ' UTC');
}

/** The end of the last paragraph, else line, that fits. No atom holds a newline. */
function lineCut(text: string, max: number): number | undefined {
  const paragraph = text.lastIndexOf('\n\n', max);
  const cut = paragraph > 0 ? paragraph : text.lastIndexOf('\n', max);
  return cut > 0 ? cut : undefined;
}

function spaceCut(text: string, max: number): number | undefined {
  const inside = atoms(text, max, ATOM);
  let cut = max;
  while (cut > 0 && !(/\s/.test(text.charAt(cut)) && !inside.some(([from, to]) => from < cut && cut < to))) {
    cut -= 1;
  }
  return cut > 0 ? cut : undefined;
}

function hardCut(text: string, max: number): number {
  return before(atoms(text, max, ATOM), max) || before(atoms(text, max, SMALL_ATOM), max);
}

function before(ranges: readonly Range[], max: number): number {
  return ranges.find(([from, to]) => from < max && max < to)?.[0] ?? max;
}

type Range = readonly [from: number, to: number];

function atoms(text: string, max: number, pattern: RegExp): Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(pattern)) {
    if (match.index >= max) break;
    ranges.push([match.index, match.index + match[0].length]);
  }
  return ranges;
}
