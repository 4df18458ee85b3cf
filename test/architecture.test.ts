import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const text = (file: string) => readFileSync(join(src, file), 'utf8');
const steps = ['check.ts', 'in.ts', 'out.ts'];

interface Import {
  readonly name: string;
  readonly lazy: boolean;
}

/** What a file imports at run time: static imports and re-exports, and `import()`; imports of types alone are none. */
function importsOf(file: string): Import[] {
  const code = text(file);
  const fixed = /^(?:import|export)\s+(?!type\b)(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  return [
    ...[...code.matchAll(fixed)].map(([, name = '']) => ({ name, lazy: false })),
    ...[...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => ({ name, lazy: true })),
  ];
}

/** All files of src/ reached from one, and the packages named on the way; without `lazy` by static imports alone. */
function reach(from: string, { lazy }: { lazy: boolean }): { files: Set<string>; packages: Set<string> } {
  const found = { files: new Set<string>(), packages: new Set<string>() };
  const walk = (file: string): void => {
    if (found.files.has(file)) return;
    found.files.add(file);
    for (const each of importsOf(file)) {
      if (each.lazy && !lazy) continue;
      if (!each.name.startsWith('.')) found.packages.add(each.name);
      else if (!each.name.includes('/generated/')) walk(relative(src, join(src, dirname(file), each.name)));
    }
  };
  walk(from);
  return found;
}

const isSdk = (name: string) => name.startsWith('@aws-sdk') || name.startsWith('@slack');

test('every relative import leads to a file', () => {
  const lost = files.flatMap((file) =>
    importsOf(file)
      .map(({ name }) => name)
      .filter((name) => name.startsWith('.') && !name.includes('/generated/'))
      .filter((name) => !existsSync(join(src, dirname(file), name))),
  );
  expect(lost).toEqual([]);
});

describe.each(steps)('%s', (step) => {
  test('never reaches the folders of the listener, not even lazily', () => {
    const reached = [...reach(step, { lazy: true }).files];
    expect(reached.length).toBeGreaterThan(5);
    expect(reached.filter((file) => /^(?:listener|access|durable|store|cloudwatch)\//.test(file))).toEqual(
      [],
    );
  });

  test('imports no SDK but by import()', () => {
    expect([...reach(step, { lazy: false }).packages].filter(isSdk)).toEqual([]);
  });

  test('loads nothing but Node itself at its start', () => {
    const packages = [...reach(step, { lazy: false }).packages];
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});

test('check neither talks to Slack nor to S3, nor loads what would', () => {
  const reached = [...reach('check.ts', { lazy: false }).files];
  expect(reached.filter((file) => /^(?:slack\/client|kit\/http|s3\/)/.test(file))).toEqual([]);
  expect(
    [...reach('check.ts', { lazy: false }).packages].filter((name) =>
      /^node:(?:https?|net|tls|dns)$/.test(name),
    ),
  ).toEqual([]);
});

test('only the modules that load lazily name the AWS SDK, and nothing names a Slack SDK', () => {
  const naming = files.filter((file) => importsOf(file).some(({ name }) => isSdk(name)));
  expect(naming.toSorted()).toEqual(['aws/secret-stores.ts', 'aws/sts.ts', 'store/dynamodb-sdk.ts']);
});

test('only the listener knows the HTTP server library, and only the store and its openers name a database', () => {
  const naming = (name: string) => files.filter((file) => importsOf(file).some((each) => each.name === name));
  expect(naming('fastify').filter((file) => !file.startsWith('listener/'))).toEqual([]);
  expect(naming('prom-client')).toEqual(['listener/metrics.ts']);
  expect(naming('node:sqlite').filter((file) => !file.startsWith('store/'))).toEqual([]);
});

test('kit imports nothing of ours outside kit', () => {
  expect(outside(/^kit\//, /^kit\//)).toEqual([]);
});

test('aws, s3 and slack do not import the resource', () => {
  expect(outside(/^(?:aws|s3|slack)\//, /^(?:aws|s3|slack|kit)\//)).toEqual([]);
});

test('gateway knows neither the resource, nor the listener, nor approvals', () => {
  expect(outside(/^gateway\//, /^(?:gateway|aws|slack|durable|store|kit)\//)).toEqual([]);
});

/** Imports, of types too, from files of one kind to files that are not of another. */
function outside(from: RegExp, allowed: RegExp): string[] {
  return files
    .filter((file) => from.test(file))
    .flatMap((file) =>
      [...text(file).matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)]
        .map(([, name = '']) => relative(src, join(src, dirname(file), name)))
        .filter((target) => !allowed.test(target))
        .map((target) => `${file} -> ${target}`),
    );
}

test.each([...steps, 'cli.ts', 'listener.ts'])('%s is wiring only, under 15 lines', (program) => {
  expect(text(program).split('\n').length).toBeLessThan(15);
});

test('no file is over 400 lines', () => {
  expect(files.filter((file) => text(file).split('\n').length > 400)).toEqual([]);
});

test('nothing writes to the console, and nothing looks at CI or NODE_ENV', () => {
  expect(
    files.filter((file) => /\bconsole\.|\b(?:CI|NODE_ENV)\b['"\]]|env\.(?:CI|NODE_ENV)\b/.test(text(file))),
  ).toEqual([]);
});

test('stdin, stdout and stderr belong to run-step alone, and to the listener where it begins', () => {
  const touching = files.filter((file) =>
    /\bprocess\.(?:stdin|stdout|stderr)\b|\b(?:readSync|writeSync)\([012],/.test(text(file)),
  );
  expect(touching.filter((file) => !['resource/run-step.ts', 'listener.ts'].includes(file))).toEqual([]);
});
