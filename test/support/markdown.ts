import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Table {
  /** The nearest heading above it, without `#` and backticks. */
  readonly heading: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Of its fence, counted from 1. */
  readonly line: number;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The Markdown documents of the repository, by path. */
export function documents(): string[] {
  const own = readdirSync(root).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'));
  return [...own, ...docs.map((name) => `docs/${name}`)];
}

export function readText(path: string): string {
  return readFileSync(root + path, 'utf8');
}

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: text = '', index }) => ({
      language,
      text,
      line: markdown.slice(0, index).split('\n').length,
    }),
  );
}

/** The tables of a document, code blocks left out. */
export function tables(markdown: string): Table[] {
  const lines = withoutCode(markdown).split('\n');
  const found: Table[] = [];
  let heading = '';
  for (const [index, line] of lines.entries()) {
    heading = /^#+ (.*)$/.exec(line)?.[1]?.replaceAll('`', '') ?? heading;
    if (!/^\|(?: *-+ *\|)+$/.test(line)) continue;
    const end = lines.findIndex((later, at) => at > index && !later.startsWith('|'));
    const rows = lines.slice(index + 1, end < 0 ? undefined : end).map(cells);
    found.push({ heading, header: cells(lines[index - 1] ?? ''), rows });
  }
  return found;
}

/** The one table below a heading that begins so, whose first column has this title. */
export function tableOf(markdown: string, heading: string, first: string): Table {
  const matching = tables(markdown).filter(
    (table) => table.heading.startsWith(heading) && table.header[0] === first,
  );
  if (matching.length !== 1 || !matching[0])
    throw new Error(`${matching.length} tables of ${first} below "${heading}"`);
  return matching[0];
}

/** What stands in backticks in the first column, row by row. */
export function names(table: Table): string[] {
  return table.rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

export function withoutCode(markdown: string): string {
  return markdown.replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));
}

function cells(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
