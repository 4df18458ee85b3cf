import { basename } from 'node:path/posix';
import { Fault } from '../kit/fault.ts';
import { keyOfUri, keyWithin } from '../s3/key.ts';
import { findFiles, readTextFile } from './files.ts';
import type { ArtifactFile } from './files.ts';
import type { Artifact } from './schema.ts';
import type { Source } from './source.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';

/** One place an artifact's bytes are at: a file of the build, an object, or a file on its way to an object. */
export interface Origin {
  readonly where: string;
  readonly artifact: Artifact;
  readonly file?: ArtifactFile | undefined;
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
}

/** Where the bytes of an artifact are: a glob of files gives several. Faults: FILE_*, KEY_REFUSED, PARAMS_INVALID, TEMPLATE_INVALID. */
export async function originsOf(
  artifact: Artifact,
  where: string,
  { dir, source, vars }: { readonly dir: string; readonly source: Source; readonly vars: Vars },
): Promise<Origin[]> {
  const versionId =
    artifact.version_id === undefined
      ? undefined
      : checkedVersion(fill(artifact.version_id, vars, 'plain'), where);
  if (artifact.file !== undefined) {
    const files = await findFiles(dir, fill(artifact.file, vars, 'plain'), `${where}.file`);
    const key = artifact.key === undefined ? undefined : fill(artifact.key, vars, 'plain');
    return files.map((file) => ({
      where,
      artifact,
      file,
      key: key && keyWithin(source.prefix, keyOfFile(key, file, files.length, where)),
    }));
  }
  if (artifact.key !== undefined) {
    return [{ where, artifact, versionId, key: keyWithin(source.prefix, fill(artifact.key, vars, 'plain')) }];
  }
  const path = artifact.key_file ?? '';
  const named = readTextFile(dir, path, `${where}.key_file`).trim();
  const place = { bucket: source.s3?.bucket ?? '', prefix: source.prefix };
  const key = named.startsWith('s3://') ? keyOfUri(named, place) : keyWithin(source.prefix, named);
  return [{ where, artifact, versionId, key }];
}

function checkedVersion(id: string, where: string): string {
  if (/^[!-~]{1,1024}$/.test(id)) return id;
  throw new Fault(
    'PARAMS_INVALID',
    `${where}.version_id: ${JSON.stringify(id.slice(0, 80))} is no version id`,
    {
      hint: 'take it from the bucket, or from the version file of the s3 resource, without a line break',
    },
  );
}

function keyOfFile(key: string, file: ArtifactFile, count: number, where: string): string {
  if (key.endsWith('/')) return key + basename(file.path);
  if (count === 1) return key;
  throw new Fault('PARAMS_INVALID', `${where}.key: names one object for ${count} files`, {
    hint: 'end the key in a slash: each file is stored below it under its own name',
  });
}
