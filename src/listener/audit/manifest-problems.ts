import type { AuditItem, Store } from '../../store/store.ts';
import type { Head, SignedManifest } from './manifest.ts';

/** What the listener's own record knew of manifests before and after they were read. */
export interface KnownManifests {
  readonly before: number;
  readonly after: number;
}

/** What the manifests say that the store does not: records that are missing, cut off or rewritten, and manifests that are gone. */
export async function manifestProblems(
  manifests: readonly SignedManifest[],
  known: KnownManifests,
  store: Pick<Store, 'read' | 'readAudit'>,
): Promise<readonly string[]> {
  if (manifests.length === 0) return [];
  const found = [...chainProblems(manifests, known)];
  for (const head of newest(manifests).values()) found.push(...(await headProblems(head, store)));
  return found;
}

// A number may stand twice: a listener that was killed before it knew that one was written writes it again.
function chainProblems(manifests: readonly SignedManifest[], { before, after }: KnownManifests): string[] {
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
