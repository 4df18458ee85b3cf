import { auditProblems } from '../../durable/audit-problems.ts';
import { createAuditChain } from '../../durable/audit.ts';
import { isBefore } from '../../durable/restored.ts';
import { Fault } from '../../kit/fault.ts';
import type { StoredRecord } from '../../store/store.ts';
import { usedAuditKeyOf } from '../audit-key.ts';
import { readManifest } from '../audit/manifest.ts';
import { openManifests } from '../audit/manifest-place.ts';
import { manifestProblems } from '../audit/manifest-problems.ts';
import { readWalk, WALK_ID } from '../audit/walk.ts';
import { bucketsOf } from '../audit/watch-audit.ts';
import type { ManifestPlace } from '../config/config.ts';
import type { OpenedStore } from '../open-store.ts';
import type { Verb, VerbContext } from '../verb.ts';
import { allRecords } from './list.ts';
import { readOptions } from './options.ts';

/**
 * Follows the chain of every record: changed, missing and cut-off entries, entries whose record is gone, a status that the
 * last entry does not tell; and with manifests also what is missing altogether.
 */
export const verifyAudit: Verb = {
  name: 'verify-audit',
  usage: '[--manifest PLACE]',
  summary:
    'looks for what was changed in the audit or is missing from it; exit code 1 when there is anything',
  async run(context, args) {
    const { say, warn, config } = context;
    const { values } = readOptions(args, [], { manifest: { type: 'string' } });
    const place = values.manifest === undefined ? config.manifest?.to : placeOf(values.manifest);
    const key = usedAuditKeyOf(config);
    const store = await context.store();
    let problems = 0;
    const tell = (found: readonly string[]) => {
      problems += found.length;
      for (const problem of found) say(problem);
    };
    let [records, entries] = [0, 0];
    const chain = createAuditChain(key);
    for await (const record of allRecords(store, {})) {
      tell(await problemsOf(record, () => auditProblems(record, store, chain)));
      records += 1;
      entries += record.audit.seq;
    }
    for await (const id of strays(store)) tell([`${id}: the record is missing, entries of it are left`]);
    const manifests = place && (await verifyManifests(place, key, context, tell));
    const read = manifests ? `, ${manifests.count} manifests` : '';
    for (const finding of manifests?.explained ?? []) say(`lost by a restore: ${finding}`);
    const lost = manifests?.explained.length ?? 0;
    const explained = lost > 0 ? `, ${lost} differences that a restore explains` : '';
    warn(`listener: ${records} records, ${entries} entries${read}, ${problems} problems${explained}`);
    return problems > 0 ? 1 : 0;
  },
};

// An entry that is no entry any more must not keep the rest from being looked at.
async function problemsOf(
  { id }: StoredRecord,
  look: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Fault && error.code === 'STORE_CORRUPT') return [`${id}: ${error.message}`];
    throw error;
  }
}

async function* strays(store: OpenedStore): AsyncGenerator<string> {
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await store.auditedIds(next);
    for (const id of page.ids) if ((await store.read(id)) === undefined) yield id;
    next = page.next;
  }
}

async function verifyManifests(
  place: ManifestPlace,
  key: Buffer,
  context: VerbContext,
  tell: (found: readonly string[]) => void,
): Promise<{ readonly count: number; readonly explained: readonly string[] }> {
  const store = await context.store();
  const epoch = await store.readEpoch();
  const known = async () => {
    const record = await store.read(WALK_ID);
    const { n, restored } = record === undefined ? { n: 0 } : readWalk(record.data);
    // A listener that has not run since writes it down when it starts; a record that was made since says nothing of it.
    const began = record !== undefined && isBefore(record, epoch) ? n : 0;
    return {
      n,
      restored: epoch === 1 ? undefined : restored?.at === epoch ? restored : { at: epoch, n: began },
    };
  };
  const { n: before } = await known();
  const lines = await openManifests(place, bucketsOf(context)).lines(before);
  const read = lines.map((line) => readManifest(line, key));
  const own = read.filter((manifest) => manifest !== undefined);
  const strange = lines.length - own.length;
  if (strange > 0) tell([`${strange} of ${lines.length} manifests are not signed with this key`]);
  if (lines.length === 0) tell(['no manifest is there']);
  const { n: after, restored } = await known();
  const { problems, explained } = await manifestProblems(own, { before, after, restored }, store);
  if (lines.length > 0) tell(problems);
  return { count: own.length, explained };
}

function placeOf(given: string): ManifestPlace {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(given) ?? [];
  return bucket === undefined ? { kind: 'file', path: given } : { kind: 's3', bucket, prefix };
}
