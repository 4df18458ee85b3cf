import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { readBuild } from '../../src/resource/build.ts';
import { Artifact, Button, schemas } from '../../src/resource/schema.ts';
import { names, readText, tableOf } from '../support/markdown.ts';
import type { Table } from '../support/markdown.ts';

const readme = readText('README.md');

interface Key {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly required: boolean;
}

/** The keys of a schema, nested ones dotted; a key with nested ones counts itself where `blocks` is true. */
function keysOf(
  schema: unknown,
  { blocks = false, opaque = [] as readonly string[] } = {},
): Map<string, Key> {
  const keys = new Map<string, Key>();
  const walk = (value: unknown, prefix: string): void => {
    if (!isRecord(value) || !isRecord(value['properties'])) return;
    const required: readonly unknown[] = Array.isArray(value['required']) ? value['required'] : [];
    for (const [name, child] of Object.entries(value['properties'])) {
      if (!isRecord(child)) continue;
      const path = prefix + name;
      const nested = isRecord(child['properties']) && !opaque.includes(path);
      if (!nested || blocks) keys.set(path, { schema: child, required: required.includes(name) });
      if (nested) walk(child, `${path}.`);
    }
  };
  walk(schema, '');
  return keys;
}

const tables: readonly (readonly [string, Table, Map<string, Key>])[] = [
  ['source', tableOf(readme, 'Source Configuration', 'key'), keysOf(schemas.source, { blocks: true })],
  ['get_params', tableOf(readme, 'in:', 'get param'), keysOf(schemas.get, { opaque: ['call'] })],
  ['params of a message', tableOf(readme, 'out:', 'param'), keysOf(schemas.message)],
  ['params of an approval', tableOf(readme, 'Approvals', 'param'), keysOf(schemas.approval)],
  ['params of a claim', tableOf(readme, 'Claims', 'param'), keysOf(schemas.claim)],
  ['params of a call', tableOf(readme, 'Calls', 'param'), keysOf(schemas.call)],
  ['an artifact', tableOf(readme, 'Artifacts', 'key'), keysOf(Artifact)],
  ['a button', tableOf(readme, 'Buttons', 'key'), keysOf(Button)],
];

describe.each(tables)('the table of %s', (_what, table, keys) => {
  test('has a row for each key of the schema, and no other', () => {
    expect(names(table).toSorted()).toEqual([...keys.keys()].toSorted());
  });

  test('says of each required key that it is required, and of no other', () => {
    const told = table.rows
      .filter(([, meaning = '']) => meaning.endsWith('Required.'))
      .map(([key = '']) => key);
    const required = [...keys].filter(([, key]) => key.required).map(([name]) => `\`${name}\``);
    expect(told.toSorted()).toEqual(required.toSorted());
  });

  test('names every value of a key that has a choice', () => {
    const missing = [...keys].flatMap(([name, { schema }]) => {
      const meaning = table.rows.find(([cell]) => cell === `\`${name}\``)?.[1] ?? '';
      return choicesOf(schema)
        .filter((choice) => !meaning.includes(`\`${choice}\``))
        .map((choice) => `${name}: ${choice}`);
    });
    expect(missing).toEqual([]);
  });
});

function choicesOf(schema: Readonly<Record<string, unknown>>): string[] {
  const items = isRecord(schema['items']) ? schema['items'] : {};
  const choices: unknown = schema['enum'] ?? items['enum'];
  return Array.isArray(choices) ? choices.map(String) : [];
}

describe('errors', () => {
  const table = tableOf(readme, 'Errors', 'code');

  test('every fault code has its row, and every row its code', () => {
    const union = /export type FaultCode =(.*?);/s.exec(readText('src/kit/fault.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(20);
    expect(names(table)).toEqual(codes);
  });

  test('every row says what happened and what to do', () => {
    expect(table.rows.filter((row) => row.length !== 3 || row.some((cell) => cell === ''))).toEqual([]);
  });
});

test('the names a template may use are those that the build gives', () => {
  const section = /#### Templates and untrusted text\n(.*?)\n#### /s.exec(readme)?.[1] ?? '';
  const told = new Set([...section.matchAll(/`((?:BUILD|ATC)_\w+)`/g)].map(([, name = '']) => name));
  expect([...told].toSorted()).toEqual([...readBuild({}).vars.keys()].toSorted());
});

describe('the command line', () => {
  const source = readText('src/resource/s3-to-slack.ts');

  test('has a row for each environment variable that it reads, and no other', () => {
    const read = new Set([...source.matchAll(/env\['(\w+)'\]/g)].map(([, name = '']) => name));
    expect(names(tableOf(readme, 'Command line', 'variable')).toSorted()).toEqual([...read].toSorted());
  });

  test('names every option', () => {
    const usage = /const USAGE =\s*'(.*)'/.exec(source)?.[1] ?? '';
    const options = [...usage.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(options.length).toBeGreaterThan(3);
    expect(options.filter((option) => !readme.includes(option))).toEqual([]);
  });
});
