import { createReadStream } from 'node:fs';
import { basename, normalize } from 'node:path/posix';
import { parseDuration } from '../kit/duration.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { SizedStream } from '../kit/http.ts';
import { formatSize } from '../kit/size.ts';
import { keyWithin } from '../s3/key.ts';
import { isAllowedType, isSlackImage, mediaTypeOf, mediaTypeOfObject } from '../s3/media-type.ts';
import type { Link } from '../s3/presign.ts';
import { LARGEST_UPLOAD, LONGEST_URL, MOST_UPLOADS } from '../slack/limits.ts';
import type { ArtifactFile } from './files.ts';
import { originsOf } from './origins.ts';
import type { Origin } from './origins.ts';
import type { Artifact } from './schema.ts';
import type { Source } from './source.ts';
import type { Storage } from './storage.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';

export type Mode = 'link' | 'upload' | 'image';

/** An artifact that may be posted: it exists, and every policy allows it. */
export interface PreparedArtifact {
  readonly mode: Mode;
  readonly title: string;
  readonly alt: string;
  readonly fileName: string;
  readonly type: string;
  readonly size: number;
  /** The link of `mode: link`, and of an image in S3, in case Slack does not show it in time. */
  readonly link: Link | undefined;
  open(): Promise<SizedStream>;
}

export interface ArtifactContext {
  readonly dir: string;
  readonly source: Source;
  readonly vars: Vars;
  /** Opens the bucket at the first need. */
  readonly storage: () => Promise<Storage>;
  /** Nothing is stored in S3 on a dry run. */
  readonly dryRun: boolean;
}

/** Up to this size an artifact without `as` is uploaded, above it is linked. */
const UPLOAD_BY_DEFAULT = 5 * 1024 ** 2;

/**
 * Finds and checks all artifacts before anything is sent: paths, keys, sizes, types, counts. Files that are to be linked
 * are stored in S3 after every check has passed. Faults: FILE_*, KEY_REFUSED, TYPE_REFUSED, SIZE_REFUSED, S3_*, AWS_IDENTITY.
 */
export async function prepareArtifacts(
  artifacts: readonly Artifact[],
  context: ArtifactContext,
): Promise<PreparedArtifact[]> {
  const found = await Promise.all(
    artifacts.map((artifact, index) => originsOf(artifact, `params.artifacts[${index}]`, context)),
  );
  const checked = await Promise.all(found.flat().map((origin) => check(origin, context)));
  const uploads = checked.filter(({ mode }) => mode !== 'link').length;
  if (uploads > MOST_UPLOADS) {
    throw new Fault(
      'SIZE_REFUSED',
      `params.artifacts: ${uploads} files to upload, Slack takes ${MOST_UPLOADS} at a time`,
      {
        hint: 'pack them into one archive, post some as link, or use several puts',
      },
    );
  }
  refuseSameKey(checked, context);
  return Promise.all(checked.map((artifact) => finish(artifact, context)));
}

// One of the files would be lost, and its link would lead to the other.
function refuseSameKey(items: readonly Checked[], context: ArtifactContext): void {
  const stored = new Map<string, ArtifactFile>();
  for (const item of items) {
    if (item.mode !== 'link' || !item.file) continue;
    const key = keyOf(item, context);
    const other = stored.get(key) ?? item.file;
    stored.set(key, other);
    if (other.realPath === item.file.realPath) continue;
    throw new Fault(
      'KEY_REFUSED',
      `${item.where}.key: ${other.path} and ${item.file.path} would both be stored at ${key}`,
      { hint: 'give each a key of its own, or leave key out: then each is stored at its own path' },
    );
  }
}

interface Checked extends Origin {
  readonly mode: Mode;
  readonly fileName: string;
  readonly type: string;
  readonly size: number;
}

async function check(origin: Origin, context: ArtifactContext): Promise<Checked> {
  const fileName = basename(origin.file?.path ?? origin.key ?? '').replace(/\p{Cc}/gu, '_') || 'object';
  const { size, type } = await factsOf(origin, fileName, context);
  const mode = modeOf(origin, { size, type }, context.source);
  checkPolicy({ ...origin, fileName, mode, size, type }, context.source);
  return { ...origin, fileName, mode, size, type };
}

async function factsOf(
  origin: Origin,
  fileName: string,
  context: ArtifactContext,
): Promise<{ size: number; type: string }> {
  if (origin.file) return { size: origin.file.size, type: mediaTypeOf(fileName) };
  const { objects } = await context.storage();
  const head = await objects.head(origin.key ?? '', origin.versionId);
  return { size: head.size, type: mediaTypeOfObject(head.contentType, fileName) };
}

function modeOf(origin: Origin, { size, type }: { size: number; type: string }, source: Source): Mode {
  if (origin.artifact.as !== undefined) return origin.artifact.as;
  if (origin.file && origin.key !== undefined) return 'link';
  if (size === 0 && !origin.file) return 'link';
  if (isSlackImage(type)) return 'image';
  return size <= UPLOAD_BY_DEFAULT || (origin.file && !source.s3) ? 'upload' : 'link';
}

function checkPolicy(item: Checked, source: Source): void {
  const name = item.file?.path ?? item.key ?? '';
  const refuse = (code: 'SIZE_REFUSED' | 'TYPE_REFUSED', what: string, hint: string) => {
    throw new Fault(code, `${item.where}: ${name} ${what}`, { hint });
  };
  const allowed = source.s3?.allowedTypes;
  if (allowed && !isAllowedType(item.type, allowed)) {
    refuse(
      'TYPE_REFUSED',
      `is ${item.type}, which may not be posted`,
      `source.s3.allowed_types lets pass ${allowed.join(', ')}`,
    );
  }
  const max = source.s3?.maxBytes;
  if (max !== undefined && item.size > max) {
    refuse(
      'SIZE_REFUSED',
      `is ${formatSize(item.size)}, more than ${formatSize(max)}`,
      'raise source.s3.max_size if it may be posted',
    );
  }
  if (item.mode === 'link') return;
  if (item.size === 0)
    refuse(
      'SIZE_REFUSED',
      'is empty, and Slack takes no empty file',
      'check the step that makes it, or post a link',
    );
  if (item.size > LARGEST_UPLOAD)
    refuse('SIZE_REFUSED', `is ${formatSize(item.size)}, Slack takes up to 1 GB`, 'post it as: link');
  if (item.mode === 'image' && !isSlackImage(item.type)) {
    refuse(
      'TYPE_REFUSED',
      `is ${item.type}, Slack shows png, jpeg and gif`,
      'convert it, or post it as: upload',
    );
  }
}

async function finish(item: Checked, context: ArtifactContext): Promise<PreparedArtifact> {
  const { artifact, file } = item;
  const title = fill(artifact.title ?? '', context.vars, 'plain').trim() || item.fileName;
  const alt = fill(artifact.alt ?? '', context.vars, 'plain').trim() || title;
  const link =
    item.mode === 'link' || (item.mode === 'image' && !file) ? await linkOf(item, context) : undefined;
  return {
    mode: item.mode,
    title,
    alt,
    fileName: item.fileName,
    type: item.type,
    size: item.size,
    link,
    open: () => open(item, context),
  };
}

// A file without a key keeps its path: files of the same name are usual in a build.
function keyOf({ key, file, fileName }: Checked, { source, vars }: ArtifactContext): string {
  const path = normalize(file?.path ?? fileName);
  return key ?? keyWithin(source.prefix, `builds/${vars.get('BUILD_ID') || 'local'}/${path}`);
}

async function linkOf(item: Checked, context: ArtifactContext): Promise<Link | undefined> {
  const storage = await context.storage();
  const key = keyOf(item, context);
  const { file } = item;
  if (file && !context.dryRun) {
    const onBytes = await collector();
    await storage.objects.put(key, item.type, () => fileStream(item, file, onBytes));
  }
  const seconds =
    item.artifact.expires_in === undefined ? undefined : parseDuration(item.artifact.expires_in);
  const signed = storage.link(
    { key, versionId: item.versionId, fileName: item.fileName, contentType: item.type },
    seconds,
  );
  if (signed.url.length <= LONGEST_URL) return signed;
  if (item.mode === 'image') return undefined;
  throw new Fault(
    'LINK_TOO_LONG',
    `${item.where}: the link to ${item.fileName} is ${signed.url.length} characters, Slack takes ${LONGEST_URL}`,
    {
      hint: 'a long session token does this: sign with keys of an IAM user, shorten the key, or post it as: upload',
    },
  );
}

async function open(item: Checked, context: ArtifactContext): Promise<SizedStream> {
  const onBytes = await collector();
  if (item.file) return fileStream(item, item.file, onBytes);
  const { objects } = await context.storage();
  const { stream, size, unreadable } = await objects.get(item.key ?? '', item.versionId);
  if (size === item.size) return { stream, length: size, unreadable, onBytes };
  stream.destroy();
  throw new Fault(
    'S3_FAILED',
    `${item.where}: ${item.key} changed while it was read: ${item.size} bytes, then ${size}`,
    {
      hint: 'name the version you mean with version_id, or run the step again',
    },
  );
}

function fileStream(
  { where }: Checked,
  { path, realPath, size }: ArtifactFile,
  onBytes: (count: number) => void,
): SizedStream {
  const stream = createReadStream(realPath, { end: Math.max(size - 1, 0) });
  // The other side would wait for the rest.
  stream.once('end', () => {
    if (stream.bytesRead < size)
      stream.destroy(new Error(`it ended after ${stream.bytesRead} of ${size} bytes`));
  });
  const unreadable = (cause: Error) =>
    new Fault('FILE_INVALID', `${where}: ${path} cannot be read: ${messageOf(cause)}`, {
      hint: 'nothing may change it while the put runs',
      cause,
    });
  return { stream, length: size, onBytes, unreadable };
}

// Loaded only where bytes flow.
async function collector(): Promise<(bytes: number) => void> {
  return (await import('./young-garbage.ts')).youngGarbage();
}
