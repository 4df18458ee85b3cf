import { cp, readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';

/** Copies an artifact into a container: what the consumer changes does not reach the original (volumes are COW). */
export async function mount(artifact: string, target: string): Promise<void> {
  await cp(artifact, target, {
    recursive: true,
    force: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
}

/** Text of `artifact/path`, as `load_var` and a task's `file` name it. */
export async function readArtifactFile(
  artifacts: ReadonlyMap<string, string>,
  file: string,
): Promise<string> {
  const [name = '', ...rest] = file.split('/');
  if (rest.length === 0) throw new Error(`file '${file}' does not specify where the file lives`);
  const path = normalize(rest.join('/'));
  const artifact = artifacts.get(name);
  if (artifact === undefined) {
    throw new Error(`unknown artifact source: '${name}' in file path '${file}'`);
  }
  try {
    return await readFile(join(artifact, path), 'utf8');
  } catch (cause) {
    throw new Error(`file '${path}' not found within artifact '${name}'`, { cause });
  }
}
