import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault, messageOf, systemCode } from '../kit/fault.ts';

/** Writes files of a get by their path below its folder. Faults: WRITE_FAILED. */
export function writeFiles(dir: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, text] of Object.entries(files)) write(dir, path, text);
}

function write(dir: string, path: string, text: string | Buffer): void {
  try {
    if (path.includes('/')) mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  } catch (cause) {
    const code = systemCode(cause) ?? messageOf(cause);
    const hint =
      code === 'ENOSPC'
        ? 'the worker has no disk space left: free some, or run the build on another worker'
        : code === 'EACCES' || code === 'EPERM'
          ? "the get's folder is not writable: run the image as root, or use Concourse 8.3 or later"
          : "check the get's folder";
    throw new Fault('WRITE_FAILED', `cannot write ${path}: ${code}`, { hint, cause });
  }
}
