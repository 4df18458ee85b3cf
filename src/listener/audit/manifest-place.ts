import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Fault, messageOf } from '../../kit/fault.ts';
import type { Objects } from '../../s3/objects.ts';
import type { ManifestPlace } from '../config/config.ts';

/** Where manifests are kept. */
export interface Manifests {
  /** Adds a line; when it resolves it is kept. Writing a number again adds another one. */
  write(n: number, line: string, signal: AbortSignal): Promise<void>;
  /** Every line, in no order. `newest` is the number of the last one that the store knows of. */
  lines(newest: number): Promise<readonly string[]>;
}

/** Opens the place; `bucket` is asked for when it is in one. */
export function openManifests(
  place: ManifestPlace,
  bucket: (name: string, signal?: AbortSignal) => Promise<Objects>,
): Manifests {
  return place.kind === 'file' ? inFile(place.path) : inBucket(place, bucket);
}

function inFile(path: string): Manifests {
  return {
    async write(_n, line) {
      const file = await open(path, 'a', 0o600);
      try {
        // A line that was cut off by a crash must not swallow this one.
        await file.write(`\n${line}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async lines() {
      if (!existsSync(path)) return [];
      const found: string[] = [];
      try {
        for await (const line of createInterface({ input: createReadStream(path) }))
          if (line !== '') found.push(line);
      } catch (cause) {
        throw new Fault('FILE_REFUSED', `${path} cannot be read: ${messageOf(cause)}`, { cause });
      }
      return found;
    },
  };
}

function inBucket(
  { bucket: name, prefix }: ManifestPlace & { kind: 's3' },
  bucket: (name: string, signal?: AbortSignal) => Promise<Objects>,
): Manifests {
  const keyOf = (n: number) => `${prefix}manifest-${String(n).padStart(10, '0')}.json`;
  return {
    async write(n, line, signal) {
      const bytes = Buffer.from(`${line}\n`);
      const objects = await bucket(name, signal);
      const sha256 = createHash('sha256').update(bytes).digest('base64');
      const body = () => ({ stream: Readable.from([bytes]), length: bytes.length });
      await objects.put(keyOf(n), 'application/json', body, sha256);
    },
    // Old ones may have gone by the rules of the bucket, and a store that was set back knows too few.
    async lines(newest) {
      const objects = await bucket(name);
      const found: string[] = [];
      const take = async (n: number): Promise<boolean> => {
        try {
          found.push((await text((await objects.get(keyOf(n))).stream)).trim());
          return true;
        } catch (error) {
          if (error instanceof Fault && error.code === 'S3_NOT_FOUND') return false;
          throw error;
        }
      };
      for (let n = newest, gap = 0; n > 0 && gap < MOST_MISSING; n--) gap = (await take(n)) ? 0 : gap + 1;
      for (let n = newest + 1; await take(n); ) n++;
      return found;
    },
  };
}

/** So many in a row may be missing before those below are taken to have expired. */
const MOST_MISSING = 3;
