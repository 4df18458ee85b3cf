import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withReferences } from '../../scripts/with-references.ts';
import { isRecord } from '../../src/kit/json.ts';
import { ListenerFile } from '../../src/listener/config/schema.ts';
import { schemas } from '../../src/resource/schema.ts';
import { codeBlocks, names, readText, root, tables } from '../support/markdown.ts';
import { withTempDir } from '../support/step.ts';

const manifest: unknown = JSON.parse(readText('package.json'));
const field = (name: string): unknown => (isRecord(manifest) ? manifest[name] : undefined);
const values = (value: unknown): unknown[] => (isRecord(value) ? Object.values(value) : []);
const keys = (value: unknown): string[] => (isRecord(value) ? Object.keys(value) : []);

test('every dependency has its row in docs/dependencies.md, and every row its dependency', () => {
  const used = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((name) =>
    keys(field(name)),
  );
  const told = tables(readText('docs/dependencies.md')).flatMap(names);
  expect(told.filter((name) => !used.includes(name))).toEqual([]);
  expect(used.filter((name) => !told.includes(name))).toEqual([]);
});

test('every dependency has a reason and a weight', () => {
  const rows = tables(readText('docs/dependencies.md')).flatMap((table) => table.rows);
  expect(rows.filter((row) => row.length !== 3 || row.some((cell) => cell === ''))).toEqual([]);
});

test('every dependency is pinned to one version', () => {
  const versions = ['dependencies', 'devDependencies', 'optionalDependencies']
    .flatMap((name) => values(field(name)))
    .map(String);
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('the changelog has an entry for this version, and one for what is to come', () => {
  const headings = [...readText('CHANGELOG.md').matchAll(/^## \[([^\]]+)\]/gm)].map(([, version]) => version);
  expect(headings[0]).toBe('Unreleased');
  expect(headings).toContain(field('version'));
});

test('the build makes every program of the package, and the command can be started as such', () => {
  const files = [...values(field('bin')), ...values(field('exports')).flatMap(targets)].map(String);
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(readText('dist/cli.js')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

function targets(target: unknown): unknown[] {
  return isRecord(target) ? [target['default']] : [target];
}

test("the README's TypeScript compiles against the package as it is published", () =>
  withTempDir(async (dir) => {
    const examples = codeBlocks(readText('README.md')).filter(({ language }) => language === 'ts');
    expect(examples).toHaveLength(2);
    const tsc = join(root, 'node_modules/.bin/tsc');
    const installed = join(dir, 'node_modules/concourse-slack-aws-resource');
    mkdirSync(join(installed, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(installed, 'package.json'));
    execFileSync(tsc, ['-p', join(root, 'tsconfig.package.json'), '--outDir', join(installed, 'dist/types')]);
    symlinkSync(join(root, 'node_modules/@types'), join(dir, 'node_modules/@types'));
    symlinkSync(join(root, 'node_modules/undici-types'), join(dir, 'node_modules/undici-types'));
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
    const files = examples.map((_, index) => `example-${index + 1}.ts`);
    files.forEach((file, index) => writeFileSync(join(dir, file), examples[index]?.text ?? ''));
    const compilerOptions = {
      strict: true,
      noPropertyAccessFromIndexSignature: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
    };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    expect(compile(tsc, dir)).toBe('');
  }));

function compile(tsc: string, dir: string): string {
  try {
    return execFileSync(tsc, ['-p', dir], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return isRecord(error) ? String(error['stdout']) : String(error);
  }
}

test('the published JSON Schemas are those of the source', () => {
  const files = readdirSync(join(root, 'assets/schema'));
  const all = { ...schemas, listener: withReferences(ListenerFile) };
  expect(files.toSorted()).toEqual(
    Object.keys(all)
      .map((name) => `${name}.json`)
      .toSorted(),
  );
  for (const [name, schema] of Object.entries(all)) {
    const published: unknown = JSON.parse(readText(`assets/schema/${name}.json`));
    const { $schema, $id, ...rest } = isRecord(published) ? published : {};
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect($id).toMatch(new RegExp(`/${name}\\.json$`));
    expect(rest).toEqual(JSON.parse(JSON.stringify(schema)));
  }
});
