// Prints the files of dist/ that the named programs reach by static and dynamic imports, one a line.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const reached = new Set<string>();

function walk(file: string): void {
  if (reached.has(file)) return;
  reached.add(file);
  const code = readFileSync(join('dist', file), 'utf8');
  for (const [, name = ''] of code.matchAll(/["'](\.{1,2}\/[\w./-]+\.js)["']/g)) {
    const path = join(dirname(file), name);
    if (/^(?:chunks\/)?[\w.-]+$/.test(path) && existsSync(join('dist', path))) walk(path);
  }
}

for (const program of process.argv.slice(2)) walk(`${program}.js`);
process.stdout.write(`${[...reached].toSorted().join('\n')}\n`);
