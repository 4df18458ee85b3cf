import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { findFile, findFiles, findFolder, readTextFile } from '../../src/resource/files.ts';
import { withTempDir, writeTree } from '../support/temp-dir.ts';

/** A build with the artifact repo, and beside it what no path may reach. */
function withBuild(use: (dir: string) => Promise<void>): Promise<void> {
  return withTempDir(async (root) => {
    const dir = join(root, 'put');
    await writeTree(root, {
      'outside/secret.txt': 'outside',
      'put-other/secret.txt': 'outside',
      'put/repo/a.md': 'a',
      'put/repo/b.md': 'b\n\n',
      'put/repo/[x].md': 'brackets',
      'put/repo/sub/c.md': 'c\r\n',
      'put/repo/empty': '',
      'put/repo/latin1': Buffer.from('caf\u00e9', 'latin1'),
      'put/repo/large': 'x'.repeat(256 * 1024 + 1),
    });
    await symlink('../../outside', join(dir, 'repo/out'));
    await symlink(join(root, 'outside/secret.txt'), join(dir, 'repo/secret'));
    await symlink('../../put-other', join(dir, 'repo/sibling'));
    await use(dir);
  });
}

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return error instanceof Fault ? error.code : `not a Fault: ${String(error)}`;
  }
  return 'none';
}

test.for([
  ['/etc/passwd'],
  ['..'],
  ['../outside/secret.txt'],
  ['repo/../../outside/secret.txt'],
  ['repo/..'],
  ['repo/a.md\0'],
  ['repo/out/secret.txt'],
  ['repo/secret'],
  ['repo/sibling/secret.txt'],
])('refuses %j as file, folder, glob and text', ([path]) =>
  withBuild(async (dir) => {
    const acts = [
      () => findFile(dir, path ?? '', 'x'),
      () => findFolder(dir, path ?? '', 'x'),
      () => findFiles(dir, path ?? '', 'x'),
      () => readTextFile(dir, path ?? '', 'x'),
    ];
    for (const act of acts) expect(await codeOf(act)).toBe('FILE_REFUSED');
  }),
);

test.for([
  ['../outside/*'],
  ['/etc/*'],
  ['repo/../../outside/*'],
  ['repo/out/*'],
  ['repo/{secret,a.md}'],
  ['repo/secr*\0'],
])('refuses the glob %j', ([glob]) =>
  withBuild(async (dir) => expect(await codeOf(() => findFiles(dir, glob ?? '', 'x'))).toBe('FILE_REFUSED')),
);

test('lists the matches of a glob sorted, files only, with their sizes', () =>
  withBuild(async (dir) => {
    const found = await findFiles(dir, 'repo/**/*.md', 'x');
    expect(found.map(({ path, size }) => [path, size])).toEqual([
      ['repo/[x].md', 8],
      ['repo/a.md', 1],
      ['repo/b.md', 3],
      ['repo/sub/c.md', 3],
    ]);
    expect((await findFiles(`${dir}/`, 'repo/[ab].md', 'x')).map(({ path }) => path)).toEqual([
      'repo/a.md',
      'repo/b.md',
    ]);
  }));

test('takes a name with brackets for itself where such a file exists', () =>
  withBuild(async (dir) => {
    expect((await findFiles(dir, 'repo/[x].md', 'x')).map(({ path }) => path)).toEqual(['repo/[x].md']);
  }));

test('reads text without the newline at its end', () =>
  withBuild(async (dir) => {
    const names = ['repo/a.md', 'repo/b.md', 'repo/sub/c.md', 'repo/empty', './repo//a.md'];
    expect(names.map((name) => readTextFile(dir, name, 'x'))).toEqual(['a', 'b\n', 'c', '', 'a']);
  }));

test('refuses text that is not UTF-8, or larger than 256 KB', () =>
  withBuild(async (dir) => {
    expect(await codeOf(() => readTextFile(dir, 'repo/latin1', 'x'))).toBe('FILE_INVALID');
    expect(await codeOf(() => readTextFile(dir, 'repo/large', 'x'))).toBe('FILE_INVALID');
  }));

test('tells files from folders', () =>
  withBuild(async (dir) => {
    expect(await codeOf(() => findFile(dir, 'repo', 'x'))).toBe('FILE_REFUSED');
    expect(await codeOf(() => findFolder(dir, 'repo/a.md', 'x'))).toBe('FILE_REFUSED');
    expect(await codeOf(() => findFile(dir, 'repo/a.md/b', 'x'))).toBe('FILE_NOT_FOUND');
    expect(findFolder(dir, 'repo/sub', 'x')).toBe(join(dir, 'repo/sub'));
  }));

test('takes a folder whose real place is elsewhere, as the root itself', () =>
  withTempDir(async (root) => {
    await writeTree(root, { 'real/repo/a.md': 'a' });
    await symlink('real', join(root, 'put'));
    const dir = join(root, 'put');
    expect(readTextFile(dir, 'repo/a.md', 'x')).toBe('a');
    expect((await findFiles(dir, 'repo/*', 'x')).map(({ path }) => path)).toEqual(['repo/a.md']);
  }));

test('refuses a glob whose braces lead outside', () =>
  withBuild(async (dir) => {
    expect(await codeOf(() => findFiles(dir, '{..,repo}/outside/*.txt', 'x'))).toBe('FILE_REFUSED');
  }));
