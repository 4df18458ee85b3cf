import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { ENV_DEFAULTS } from '../../src/listener/config/env-defaults.ts';
import { ListenerFile } from '../../src/listener/config/schema.ts';
import { METRICS } from '../../src/listener/metric-list.ts';
import { verbs } from '../../src/listener/verbs.ts';
import { readText, tableOf } from '../support/markdown.ts';

const text = readText('docs/operations.md');

interface Key {
  readonly required: boolean;
  readonly choices: readonly string[];
}

/** Every key of the configuration file: `gates.*.quorum`, `tokens[].name`. */
function keysOf(schema: unknown, prefix = ''): Map<string, Key> {
  const properties = record(record(schema)['properties']);
  const required: unknown = record(schema)['required'];
  return new Map(
    Object.entries(properties).flatMap(([name, child]) => {
      const path = prefix + name;
      const own: Key = {
        required: Array.isArray(required) && required.includes(name),
        choices: choicesOf(child),
      };
      const [named] = Object.values(record(record(child)['patternProperties']));
      return [
        [path, own] as const,
        ...keysOf(child, `${path}.`),
        ...keysOf(named, `${path}.*.`),
        ...keysOf(record(child)['items'], `${path}[].`),
      ];
    }),
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function choicesOf(schema: unknown): string[] {
  const choices: unknown = record(schema)['enum'] ?? record(record(schema)['items'])['enum'];
  return Array.isArray(choices) ? choices.map(String) : [];
}

describe('the table of the configuration', () => {
  const table = tableOf(text, 'Configuration', 'key');
  const keys = keysOf(ListenerFile);

  test('has a row for each key of the schema in its order, and no other', () => {
    expect(keys.size).toBeGreaterThan(80);
    expect(table.rows.map(([key = '']) => key.replaceAll('`', ''))).toEqual([...keys.keys()]);
  });

  test('says of each required key that it is required, and of no other', () => {
    const told = table.rows
      .filter(([, meaning = '']) => meaning.endsWith('Required.'))
      .map(([key = '']) => key);
    expect(told).toEqual([...keys].filter(([, key]) => key.required).map(([name]) => `\`${name}\``));
  });

  test('names every value of a key that has a choice', () => {
    const missing = [...keys].flatMap(([name, { choices }]) => {
      const meaning = table.rows.find(([cell]) => cell === `\`${name}\``)?.[1] ?? '';
      return choices
        .filter((choice) => !meaning.includes(`\`${choice}\``))
        .map((choice) => `${name}: ${choice}`);
    });
    expect(missing).toEqual([]);
  });
});

test('every environment variable has its row with the key it stands for, and every row its variable', () => {
  const rows = tableOf(text, 'Configuration', 'variable').rows.map(([name = '', key = '']) => [
    name.replaceAll('`', ''),
    /`([^`]+)`/.exec(key)?.[1],
  ]);
  expect(rows).toEqual(Object.entries(ENV_DEFAULTS));
});

test('every metric has its row with its type and labels, and every row its metric', () => {
  const rows = tableOf(text, 'Metrics', 'metric').rows.map(([name = '', type = '', labels = '']) => [
    name.replaceAll('`', ''),
    type,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  ]);
  const registered = Object.entries(METRICS).map(([name, metric]) => [
    name,
    metric.type,
    'labels' in metric ? [...metric.labels] : [],
  ]);
  expect(rows).toEqual(registered);
});

test('every verb has its row with its options and what it does, and every row its verb', () => {
  const rows = verbs.map(({ name, usage, summary }) => [
    `\`${usage === '' ? name : `${name} ${usage}`}\``,
    summary,
  ]);
  expect(tableOf(text, 'Operator verbs', 'verb').rows).toEqual(rows);
});
