import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../kit/canonical-json.ts';
import { isRecord, tryParseJson } from '../../kit/json.ts';

/** The end of a record's chain: its id, the number of its last entry, and that entry's MAC. */
export type Head = readonly [id: string, seq: number, mac: string];

/** What the audit said at one moment of the records in one range of ids. */
export interface Manifest {
  /** 1, 2, 3, … without a gap. */
  readonly n: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The range: after the first id, to the last one; without a last one to the end. */
  readonly from: string;
  readonly to?: string | undefined;
  /** True: the ends of all records of the range; false: of those that changed since the round before. */
  readonly full: boolean;
  readonly records: number;
  readonly heads: readonly Head[];
  /** MAC of the manifest before. */
  readonly prev: string;
  /** Of the store when it was written; absent in the first. */
  readonly epoch?: number | undefined;
}

export interface SignedManifest extends Manifest {
  readonly mac: string;
}

/** Signs a manifest with the key of the audit. */
export function signManifest(manifest: Manifest, key: Buffer): SignedManifest {
  return { ...manifest, mac: macOf(manifest, key) };
}

/** Reads a line that `signManifest` has made with this key; undefined for any other. */
export function readManifest(line: string, key: Buffer): SignedManifest | undefined {
  const value = tryParseJson(line);
  if (!isSigned(value)) return undefined;
  const { mac, ...manifest } = value;
  const [own, given] = [Buffer.from(macOf(manifest, key)), Buffer.from(mac)];
  return own.length === given.length && timingSafeEqual(own, given) ? value : undefined;
}

function macOf(manifest: Manifest, key: Buffer): string {
  return createHmac('sha256', key).update('manifest\0').update(canonicalJson(manifest)).digest('base64url');
}

// What is signed was written by us: no more than its signature needs checking.
function isSigned(value: unknown): value is SignedManifest {
  return (
    isRecord(value) &&
    typeof value['n'] === 'number' &&
    typeof value['mac'] === 'string' &&
    typeof value['prev'] === 'string' &&
    Array.isArray(value['heads'])
  );
}
