import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Fault, messageOf, systemCode } from '../kit/fault.ts';
import { formatSize } from '../kit/size.ts';

/** A file of the build that was proven to lie inside the artifacts folder. */
export interface ArtifactFile {
  /** As the author wrote it, for messages. */
  readonly path: string;
  /** Its real place on the disk. */
  readonly realPath: string;
  readonly size: number;
}

const LARGEST_TEXT = 256 * 1024;

/**
 * Finds a file below the step's folder. Absolute paths, `..`, and links that lead outside are refused: what lies there is
 * the container's, not the build's. Faults: FILE_REFUSED, FILE_NOT_FOUND; `where` names the param in them.
 */
export function findFile(dir: string, path: string, where: string): ArtifactFile {
  checkPath(path, where);
  const realPath = realPathInside(dir, path, where);
  const stat = statSync(realPath);
  if (!stat.isFile()) {
    throw new Fault(
      'FILE_REFUSED',
      `${where}: ${path} is ${stat.isDirectory() ? 'a folder' : 'not a regular file'}`,
      {
        hint: 'name a file in it',
      },
    );
  }
  checkReadable(realPath, path, where);
  return { path, realPath, size: stat.size };
}

function checkReadable(realPath: string, path: string, where: string): void {
  try {
    accessSync(realPath, constants.R_OK);
  } catch (cause) {
    throw new Fault(
      'FILE_REFUSED',
      `${where}: ${path} cannot be read: ${systemCode(cause) ?? messageOf(cause)}`,
      {
        hint: 'check its mode: the put may run as another user than the step that wrote it',
        cause,
      },
    );
  }
}

/** The real path of a folder below the step's folder, with the same rules as `findFile`. */
export function findFolder(dir: string, path: string, where: string): string {
  checkPath(path, where);
  const realPath = realPathInside(dir, path, where, 'folder');
  if (!statSync(realPath).isDirectory()) {
    throw new Fault('FILE_REFUSED', `${where}: ${path} is not a folder`, {
      hint: 'name the folder of an earlier get',
    });
  }
  return realPath;
}

/** The files a glob or a plain path names, sorted; at least one. */
export async function findFiles(dir: string, pattern: string, where: string): Promise<ArtifactFile[]> {
  if (!/[*?[\]{}]/.test(pattern) || existsSync(join(dir, pattern))) return [findFile(dir, pattern, where)];
  checkPath(pattern, where);
  const { glob } = await import('node:fs/promises');
  const names: string[] = [];
  for await (const entry of glob(pattern, { cwd: dir, withFileTypes: true })) {
    if (!entry.isDirectory()) names.push(relative(dir, join(entry.parentPath, entry.name)));
  }
  if (names.length === 0) throw notFound(dir, pattern, where, 'file matches');
  return names.sort().map((name) => findFile(dir, name, where));
}

/** The text of a file as UTF-8, without the newline at its end; at most 256 KB. Faults: FILE_* . */
export function readTextFile(dir: string, path: string, where: string): string {
  const file = findFile(dir, path, where);
  if (file.size > LARGEST_TEXT) {
    throw new Fault(
      'FILE_INVALID',
      `${where}: ${path} is ${formatSize(file.size)}, at most ${formatSize(LARGEST_TEXT)}`,
      {
        hint: 'post a large file as an artifact: artifacts: [{ file: …, as: upload }]',
      },
    );
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readStart(file.realPath, file.size));
    return text.replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Fault('FILE_INVALID', `${where}: ${path} is not UTF-8 text`, {
      hint: 'it must be a text file',
      cause,
    });
  }
}

function readStart(path: string, size: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(size);
    return buffer.subarray(0, readSync(fd, buffer, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}

function checkPath(path: string, where: string): void {
  const segments = path.split('/');
  if (path.startsWith('/') || segments.includes('..') || path.includes('\0')) {
    throw new Fault('FILE_REFUSED', `${where}: ${JSON.stringify(path)} leaves the build's artifacts`, {
      hint: 'write the path from the artifact on, such as repo/notes.md, without a first slash and without ..',
    });
  }
}

function realPathInside(dir: string, path: string, where: string, what = 'file'): string {
  const root = realpathSync(dir);
  let real: string;
  try {
    real = realpathSync(join(root, path));
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw notFound(dir, path, where, what);
    throw new Fault('FILE_REFUSED', `${where}: ${path} cannot be read: ${code ?? messageOf(cause)}`, {
      hint: 'check its mode and its links',
      cause,
    });
  }
  if (real !== root && !real.startsWith(root + sep)) {
    throw new Fault(
      'FILE_REFUSED',
      `${where}: ${path} is a link that leads outside of the build's artifacts`,
      {
        hint: 'copy the file itself into the artifact',
      },
    );
  }
  return real;
}

// Since Concourse 8 a put mounts only artifacts it can detect in its params (C12).
function notFound(dir: string, path: string, where: string, what: string): Fault {
  const artifact = path.split('/').find((segment) => segment !== '.' && segment !== '') ?? path;
  const mounted = existsSync(join(dir, artifact));
  const isGlob = /[*?[\]{}]/.test(artifact);
  return new Fault('FILE_NOT_FOUND', `${where}: no ${what} ${path}`, {
    hint:
      mounted || isGlob
        ? 'check the path, and that the earlier step wrote it'
        : `the artifact ${artifact} is not mounted: add inputs: [${artifact}] to the put, and check that an earlier step makes it`,
  });
}
