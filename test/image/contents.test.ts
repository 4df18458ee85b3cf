import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageRoot, runInImage } from './run-in-image.ts';

// What a container runtime adds, and so `runInImage`.
const ofRuntime = new Set(['dev', 'proc', 'run', 'sys', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf']);

interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly uid: number;
}

const entries = walk('');
const files = entries.filter((entry) => entry.kind === 'file').map((entry) => entry.path);

describe('the image', () => {
  it('holds Node, its libraries, busybox, certificates, two account files and the resource, and nothing else', () => {
    const allowed = [
      /^bin\/busybox$/,
      /^etc\/(?:passwd|group|ssl\/certs\/ca-certificates\.crt)$/,
      /^usr\/local\/bin\/(?:node|listener)$/,
      /^(?:usr\/)?lib(?:64)?\/(?:[a-z0-9_]+-linux-gnu\/)?(?:ld-linux-[a-z0-9-]+|lib(?:atomic|c|dl|gcc_s|m|pthread|stdc\+\+))\.so\.\d+$/,
      /^opt\/resource\/(?:check|in|out|package\.json)$/,
      /^opt\/resource\/dist\/.+$/,
    ];
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(['opt/resource/check', 'opt/resource/in', 'opt/resource/out']),
    );
  });

  it('ships bundles only: no sources, types, source maps or packages', () => {
    expect(files.filter((file) => /\.(?:ts|map|node)$|node_modules/.test(file))).toEqual([]);
  });

  it('ships the Node that .node-version names', async () => {
    const result = await runInImage({ command: ['/usr/local/bin/node', '--version'], user: '0:0' });
    expect(result.stdout).toBe(`v${readFileSync('.node-version', 'utf8').trim()}\n`);
  });

  it('links every busybox applet to the one binary', () => {
    const links = entries.filter((entry) => entry.kind === 'link');
    expect(links.map((link) => link.path)).toEqual(
      expect.arrayContaining(['bin/sh', 'bin/ls', 'bin/cat', 'bin/env']),
    );
    expect(links.filter((link) => readlinkSync(join(imageRoot(), link.path)) !== 'busybox')).toEqual([]);
  });

  it('is owned by root and readable by every user, and only /tmp can be written by others (C17)', () => {
    const shared = entries.filter((entry) => entry.path !== 'root' && entry.kind !== 'link');
    expect(entries.filter((entry) => entry.uid !== 0)).toEqual([]);
    expect(shared.filter((entry) => (entry.mode & 0o004) === 0)).toEqual([]);
    expect(shared.filter((entry) => entry.kind === 'folder' && (entry.mode & 0o001) === 0)).toEqual([]);
    expect(shared.filter((entry) => (entry.mode & 0o6022) !== 0).map((entry) => entry.path)).toEqual(['tmp']);
    expect(modeOf('tmp')).toBe(0o1777);
    expect(['check', 'in', 'out'].map((step) => modeOf(`opt/resource/${step}`))).toEqual([
      0o755, 0o755, 0o755,
    ]);
  });
});

function modeOf(path: string): number | undefined {
  return entries.find((entry) => entry.path === path)?.mode;
}

function walk(folder: string): Entry[] {
  const paths = readdirSync(join(imageRoot(), folder)).map((name) => join(folder, name));
  return paths
    .filter((path) => !ofRuntime.has(path))
    .flatMap((path) => {
      const stat = lstatSync(join(imageRoot(), path));
      const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'file';
      const entry: Entry = { path, kind, mode: stat.mode & 0o7777, uid: stat.uid };
      return kind === 'folder' ? [entry, ...walk(path)] : [entry];
    });
}
