import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(text);

test('names no download address, so that npm ci asks whatever registry it is set to', () => {
  expect(Object.entries(lock.packages).filter(([, locked]) => locked.resolved !== undefined)).toEqual([]);
  expect(text).not.toMatch(/https?:\/\/registry/);
});

// `npm install` drops the packages of platforms that the registry of the moment cannot serve; npm ci then fails elsewhere.
test('holds an entry for every optional package, whatever platform it is for', () => {
  const wanted = Object.values(lock.packages).flatMap((locked) =>
    Object.keys(locked.optionalDependencies ?? {}),
  );
  const missing = wanted.filter(
    (name) => !Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`)),
  );
  expect(missing).toEqual([]);
});
