import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface ImageRun {
  /** Absolute path in the image, then its arguments. */
  readonly command: readonly [string, ...string[]];
  /** As `chroot --userspec` takes it: a name of the image's /etc/passwd, or `uid:gid`. */
  readonly user: string;
  readonly stdin?: string;
  /** A folder of this host that stands at /tmp/build/step in the image. */
  readonly dir?: string;
  /** A folder of this host mounted over /etc/ssl/certs, as Concourse does with the worker's. */
  readonly certificates?: string;
  /** Only `dir` can be written. */
  readonly readOnly?: boolean;
}

export interface ImageResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const imageDir = '/tmp/build/step';

/** The unpacked image under test, from IMAGE_ROOT. */
export function imageRoot(): string {
  const root = process.env['IMAGE_ROOT'];
  if (root === undefined || root === '') throw new Error('IMAGE_ROOT is not set: run npm run test:image');
  return root;
}

/**
 * Runs a command in the image's root file system in a mount namespace of its own, with an empty environment and cwd `/`.
 * Needs root.
 */
export async function runInImage(run: ImageRun): Promise<ImageResult> {
  const settings = {
    ROOT: imageRoot(),
    STEP_USER: run.user,
    DIR: run.dir ?? '',
    CERTIFICATES: run.certificates ?? '',
    READ_ONLY: run.readOnly === true ? 'yes' : '',
  };
  const child = spawn('/usr/bin/unshare', ['--mount', '/bin/sh', '-c', enter, 'enter', ...run.command], {
    env: settings,
  });
  // A command may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(run.stdin ?? '');
  const code = new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const enter = `
set -e
mkdir -p "$ROOT/dev" "$ROOT/proc"
touch "$ROOT/etc/hosts"
mount --bind "$ROOT" "$ROOT"
mount --rbind /dev "$ROOT/dev"
mount --bind /etc/hosts "$ROOT/etc/hosts"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
if [ -n "$DIR" ]; then mkdir -p "$ROOT${imageDir}"; mount --bind "$DIR" "$ROOT${imageDir}"; fi
if [ -n "$CERTIFICATES" ]; then mount --bind -o ro "$CERTIFICATES" "$ROOT/etc/ssl/certs"; fi
if [ -n "$READ_ONLY" ]; then mount -o remount,bind,ro "$ROOT/tmp"; mount -o remount,bind,ro "$ROOT"; fi
exec /usr/bin/env -i /usr/sbin/chroot --userspec="$STEP_USER" "$ROOT" "$@"
`;
