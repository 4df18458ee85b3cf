/** A piece of Slack text, ready to be shown. */
export type Span =
  | { readonly kind: 'text' | 'emoji' | 'mention' | 'code' | 'pre'; readonly text: string }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  | { readonly kind: 'date'; readonly seconds: number; readonly format: string; readonly fallback: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly spans: readonly Span[] };

type Names = Readonly<Record<string, string>>;

const QUOTE = /(?:^(?:>|&gt;).*(?:\n|$))+/m;
const EMOJI = /:(?<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/;
const INLINE = new RegExp(
  [
    /```\n?(?<pre>[\s\S]+?)\n?```\n?/,
    /`(?<code>[^`\n]+)`/,
    /<(?<control>[^<>\n]+)>/,
    EMOJI,
    styled('bold', '\\*'),
    styled('italic', '_'),
    styled('strike', '~'),
    /(?<url>https?:\/\/(?:(?!&[lg]t;)[^\s<>|])*[^\s<>|&.,;:!?)'"])/,
  ]
    .map((part) => part.source)
    .join('|'),
);

/**
 * Reads Slack's mrkdwn (docs.slack.dev, "Formatting message text"). Text that was escaped stays text: it can neither
 * mention, link nor style. Ids that `names` knows become names.
 */
export function parseMrkdwn(source: string, names: Names): Span[] {
  return split(
    source,
    QUOTE,
    (match) => quote(match[0], names),
    (text) => parseInline(text, names),
  );
}

/** Reads a `plain_text` object: emoji are the only thing that is special in it. */
export function parsePlainText(source: string): Span[] {
  return split(source, EMOJI, (match) => ({ kind: 'emoji', text: match.groups?.['emoji'] ?? '' }), plain);
}

function parseInline(source: string, names: Names): Span[] {
  return split(source, INLINE, (match) => spanOf(match.groups ?? {}, match[0], names), plain);
}

function spanOf(found: Names, source: string, names: Names): Span {
  const { pre, code, control, emoji, bold, italic, strike, url } = found;
  if (pre !== undefined) return { kind: 'pre', text: unescape(pre) };
  if (code !== undefined) return { kind: 'code', text: unescape(code) };
  if (control !== undefined) return readControl(control, source, names);
  if (emoji !== undefined) return { kind: 'emoji', text: emoji };
  if (bold !== undefined) return { kind: 'bold', spans: parseInline(bold, names) };
  if (italic !== undefined) return { kind: 'italic', spans: parseInline(italic, names) };
  if (strike !== undefined) return { kind: 'strike', spans: parseInline(strike, names) };
  return { kind: 'link', url: unescape(url ?? ''), text: unescape(url ?? '') };
}

// What stands between < and >: a mention, a date, a link; anything else is shown as it came.
function readControl(control: string, source: string, names: Names): Span {
  const [target = '', label] = control.split('|', 2);
  const date = /^!date\^(?<seconds>\d+)\^(?<format>[^^]*)/.exec(target)?.groups;
  if (date) {
    return {
      kind: 'date',
      seconds: Number(date['seconds']),
      format: date['format'] ?? '',
      fallback: label ?? '',
    };
  }
  const id = target.replace(/^(?:@|#|!subteam\^)/, '');
  if (target.startsWith('#')) return { kind: 'mention', text: `#${names[id] ?? label ?? id}` };
  if (target.startsWith('@')) return { kind: 'mention', text: `@${names[id] ?? label ?? id}` };
  if (target.startsWith('!subteam^'))
    return { kind: 'mention', text: `@${(names[id] ?? label ?? id).replace(/^@/, '')}` };
  if (/^!(?:here|channel|everyone)$/.test(target)) return { kind: 'mention', text: `@${target.slice(1)}` };
  if (!/^(?:https?:\/\/|mailto:)/.test(target)) return { kind: 'text', text: unescape(source) };
  return { kind: 'link', url: unescape(target), text: unescape(label ?? target) };
}

function quote(lines: string, names: Names): Span {
  const inner = lines.replace(/^(?:>|&gt;) ?/gm, '').replace(/\n$/, '');
  return { kind: 'quote', spans: parseInline(inner, names) };
}

function plain(text: string): Span[] {
  return [{ kind: 'text', text: unescape(text) }];
}

// A style mark counts only at the edge of a word: `snake_case` and `2 * 3 * 4` are plain.
function styled(name: string, mark: string): RegExp {
  return new RegExp(
    `(?<![A-Za-z0-9${mark}])${mark}(?<${name}>[^\\s${mark}](?:[^${mark}\\n]*[^\\s${mark}])?)${mark}(?![A-Za-z0-9${mark}])`,
  );
}

function unescape(text: string): string {
  const characters: Names = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => characters[entity] ?? entity);
}

function split(
  source: string,
  pattern: RegExp,
  found: (match: RegExpMatchArray) => Span,
  between: (text: string) => readonly Span[],
): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of source.matchAll(new RegExp(pattern, `${pattern.flags}g`))) {
    if (match.index > end) spans.push(...between(source.slice(end, match.index)));
    spans.push(found(match));
    end = match.index + match[0].length;
  }
  if (end < source.length) spans.push(...between(source.slice(end)));
  return spans;
}
