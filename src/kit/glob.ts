/** Whether a name is matched by a pattern in which `*` stands for any text, also empty, without a slash; `*` alone for any name. */
export type Glob = (name: string) => boolean;

/** Compiles patterns such as `release` and `main/*`: true for a name that one of them matches. */
export function compileGlobs(patterns: readonly string[]): Glob {
  const all = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split('*')
          .map(quote)
          .join(pattern === '*' ? '.*' : '[^/]*')}$`,
        's',
      ),
  );
  return (name) => all.some((pattern) => pattern.test(name));
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
