import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../src/listener/metric-list.ts';
import { readText, root, tableOf } from '../support/markdown.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const file: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } = parse(
  readText('examples/alerts.yaml'),
);
const rules = file.groups.flatMap((group) => group.rules);
const labelsOf = new Map<string, readonly string[]>(
  Object.entries(METRICS).map(([name, metric]) => [name, 'labels' in metric ? metric.labels : []]),
);

test('each alert has its row that says what to do, and each row its alert', () => {
  const rows = tableOf(readText('docs/operations.md'), 'Alerts', 'alert').rows;
  expect(rows.map(([name]) => name)).toEqual(rules.map(({ alert }) => `\`${alert}\``));
  for (const cell of rows.flat()) expect(cell).not.toBe('');
});

test.each(rules)('$alert asks only for metrics and labels that there are', ({ expr }) => {
  const names = expr.match(/listener_\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect([...labelsOf.keys()]).toContain(name.replace(/_bucket$/, ''));
  const [first = ''] = names;
  const known = [...(labelsOf.get(first.replace(/_bucket$/, '')) ?? []), 'job', 'le'];
  for (const [, label] of expr.matchAll(/(\w+)(?:=~|!=|=)"/g)) expect(known).toContain(label);
  for (const [, list = ''] of expr.matchAll(/by \(([^)]*)\)/g))
    for (const label of list.split(', ')) expect(known).toContain(label);
});

test('every value that an alert asks a label for is one that the listener writes', () => {
  const sources = globSync('src/**/*.ts', { cwd: root }).map((path) =>
    readFileSync(join(root, path), 'utf8'),
  );
  const values = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/\w+(?:=~|!=|=)"([^"]*)"/g)].flatMap(([, given = '']) => given.split('|')),
  );
  expect(values.length).toBeGreaterThan(5);
  expect(
    values.filter(
      (value) => !sources.some((text) => text.includes(`'${value}'`) || text.includes(`${value}:`)),
    ),
  ).toEqual([]);
});
