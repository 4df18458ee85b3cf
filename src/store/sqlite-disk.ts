import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Fault, messageOf } from '../kit/fault.ts';

/** The number of a file system's kind, as statfs(2) tells it. */
export type FileSystemOf = (path: string) => number;

// SQLite's WAL needs one kernel: its index is shared memory, its locks are fcntl(2)'s. Over these the file may be open on
// another machine, or in another kernel (a virtual machine's host), where neither reaches. Numbers of statfs(2) and
// linux/magic.h. All of FUSE is refused: sshfs, s3fs and goofys cannot be told from the local ones.
const SHARED: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS (or EFS)'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE (sshfs, s3fs, a folder of the host)'],
  [0x786f4256, 'a VirtualBox shared folder'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x20030528, 'OrangeFS'],
]);

/** Refuses a path whose folder is missing or whose file system other machines may share. Numbers mean this on Linux alone. */
export function checkDisk(path: string, fileSystemOf: FileSystemOf = kindOnLinux): void {
  const folder = dirname(path);
  if (!existsSync(folder))
    throw new Fault('STORE_REFUSED', `the folder ${folder} of the SQLite store does not exist`, {
      hint: 'mount a volume there, or set store.sqlite to a path in a folder that exists',
    });
  // Negative where the platform's type is signed.
  const shared = SHARED.get(fileSystemOf(existsSync(path) ? path : folder) >>> 0);
  if (shared === undefined) return;
  throw new Fault('STORE_REFUSED', `the SQLite store ${path} is on a network file system: ${shared}`, {
    hint: 'put it on a local disk or a block volume, or use store.dynamodb',
  });
}

function kindOnLinux(path: string): number {
  return process.platform === 'linux' ? statfsSync(path).type : 0;
}

/**
 * Makes the file, if there is none, for its owner alone (0600), and takes rights of others away from one that is there.
 * Gives its real path: SQLite follows links, and what stands beside the file must be the same for everybody. SQLite gives its `-wal` and `-shm` files the mode of the file itself. A file that is there is never opened here: closing
 * it again would drop the locks this process has on it (fcntl(2)).
 */
export function secureFile(path: string): string {
  try {
    if (!existsSync(path)) create(path);
    const real = realpathSync(path);
    for (const file of [real, `${real}-wal`, `${real}-shm`])
      if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return real;
  } catch (error) {
    throw new Fault('STORE_REFUSED', `the SQLite store cannot be made private: ${messageOf(error)}`, {
      hint: 'the folder and its files belong to the user that runs the listener',
      cause: error,
    });
  }
}

function create(path: string): void {
  // Before SQLite opens it: between its own creation and a later chmod others could open it.
  closeSync(openSync(path, 'a', 0o600));
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
