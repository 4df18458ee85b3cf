import type { AuditItem, Store } from '../../store/store.ts';
import type { Head, SignedManifest } from './manifest.ts';

/** What the listener's own record knew of manifests before and after they were read. */
export interface KnownManifests {
  readonly before: number;
  readonly after: number;
  /** When the store was restored last, and what it then knew of. */
  readonly restored?: { readonly at: number; readonly n: number } | undefined;
}

export interface ManifestFindings {
  /** Records that are missing, cut off or rewritten, and manifests that are gone. */
  readonly problems: readonly string[];
  /** The same by manifests that were written between a backup and its restore: that the store does not know these is no wonder. */
  readonly explained: readonly string[];
}

/** What the manifests say that the store does not. */
export async function manifestProblems(
  manifests: readonly SignedManifest[],
  known: KnownManifests,
  store: Pick<Store, 'read' | 'readAudit'>,
): Promise<ManifestFindings> {
  const isLost = lostBy(manifests, known);
  const counting = manifests.filter((manifest) => !isLost(manifest));
  return {
    problems: [...chainProblems(counting, known), ...(await allHeads(counting, store))],
    explained: await allHeads(manifests.filter(isLost), store),
  };
}

async function allHeads(
  manifests: readonly SignedManifest[],
  store: Pick<Store, 'read' | 'readAudit'>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const head of newest(manifests).values()) found.push(...(await headProblems(head, store)));
  return found;
}

// After a restore the numbers go on from what the backup knew of: what an earlier life of the store wrote from there on is of
// a past that is gone.
function lostBy(
  manifests: readonly SignedManifest[],
  { restored }: KnownManifests,
): (manifest: SignedManifest) => boolean {
  const begins = new Map<number, number>(restored && [[restored.at, restored.n + 1]]);
  for (const { n, epoch = 1 } of manifests) begins.set(epoch, Math.min(n, begins.get(epoch) ?? n));
  return ({ n, epoch = 1 }) => [...begins].some(([later, from]) => later > epoch && from <= n);
}

// A number may stand twice: a listener that was killed before it knew that one was written writes it again.
function chainProblems(manifests: readonly SignedManifest[], { before, after }: KnownManifests): string[] {
  if (manifests.length === 0) return [];
  const found: string[] = [];
  const macs = new Map<number, Set<string>>();
  for (const { n, mac } of manifests) macs.set(n, (macs.get(n) ?? new Set()).add(mac));
  const first = Math.min(...macs.keys());
  const last = Math.max(...macs.keys());
  for (let n = first; n <= Math.max(last, before); n++)
    if (!macs.has(n)) found.push(`manifest ${n} is missing`);
  for (const { n, prev } of manifests)
    if (n > first && macs.get(n - 1)?.has(prev) === false)
      found.push(`manifest ${n} does not follow manifest ${n - 1}`);
  if (last > after + 1)
    found.push(`there are ${last} manifests, the store knows of ${after}: it is an older one`);
  return found;
}

function newest(manifests: readonly SignedManifest[]): ReadonlyMap<string, Head> {
  const heads = new Map<string, Head>();
  for (const head of manifests.flatMap((manifest) => manifest.heads)) {
    const [id, seq] = head;
    if ((heads.get(id)?.[1] ?? 0) < seq) heads.set(id, head);
  }
  return heads;
}

async function headProblems(
  [id, seq, mac]: Head,
  store: Pick<Store, 'read' | 'readAudit'>,
): Promise<readonly string[]> {
  const record = await store.read(id);
  if (record === undefined) return [`${id}: the record is missing, a manifest has it with ${seq} entries`];
  const { audit } = record;
  if (audit.seq < seq) return [`${id}: ends at entry ${audit.seq}, a manifest has ${seq}`];
  const stored =
    audit.seq === seq ? audit.head : entryAt(seq, [...audit.pending, ...(await store.readAudit(id))])?.mac;
  return stored === mac ? [] : [`${id}: entry ${seq} is not the one that a manifest has`];
}

function entryAt(seq: number, items: readonly AuditItem[]): AuditItem | undefined {
  return items.find((item) => item.seq === seq);
}
