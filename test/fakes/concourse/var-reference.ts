/** A parsed `((source:path.field))`; the source of a local variable is `.`. */
export interface VarReference {
  readonly source: string;
  readonly path: string;
  readonly fields: readonly string[];
  /** The text between the parentheses. */
  readonly text: string;
}

/** Parses the text between `((` and `))`; quotes protect dots and colons: `(("slack.token"))`. */
export function parseReference(text: string): VarReference {
  const colon = indexOfUnquoted(text, ':');
  const source = colon < 0 ? '' : text.slice(0, colon);
  const [path, ...fields] = segments(text.slice(colon + 1)).map((each) => each.replaceAll('"', '').trim());
  if (!path || fields.includes('')) throw new Error(`invalid var '${text}': empty field`);
  return { source, path, fields, text };
}

function segments(path: string): string[] {
  const dot = indexOfUnquoted(path, '.');
  return dot < 0 ? [path] : [path.slice(0, dot), ...segments(path.slice(dot + 1))];
}

function indexOfUnquoted(text: string, wanted: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charAt(at) === '"') quoted = !quoted;
    else if (text.charAt(at) === wanted && !quoted) return at;
  }
  return -1;
}
