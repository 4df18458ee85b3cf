import type { ApprovalView } from '../approvals/contract.ts';
import { scopeDigest } from '../approvals/scope.ts';
import { Fault } from '../kit/fault.ts';
import { originOf } from './build-origin.ts';
import { readBuild } from './build.ts';
import { isContextName } from './context-name.ts';
import { faultOf, metadataOf, namesOf } from './decision.ts';
import type { Field } from './decision.ts';
import { listenerOf } from './listener-of.ts';
import type { StepContext } from './run-step.ts';
import type { Source } from './source.ts';
import { writeFiles } from './write-files.ts';

type Version = Readonly<Record<string, string>>;

interface Answer {
  readonly version: Version;
  readonly metadata: readonly Field[];
}

const DECIDED = ['approved', 'denied', 'timed_out', 'withdrawn'] as const;
type Decided = (typeof DECIDED)[number];

const FORGED =
  'a version is made by hand with fly check-resource --from, or pinned: name one that the check of the gate has reported';
const UNKNOWN =
  'use the token that asked: a token reads what others have asked for only where the operator lets it (read_all); or the version was made by hand';

/**
 * The get of a decision: files that say what was decided and about what. Nothing is written that the listener does not
 * confirm, because a version can be made by hand (C24); a mere request needs no proof, and opens no gate.
 */
export async function getDecision(version: Version, source: Source, context: StepContext): Promise<Answer> {
  const id = version['approval'];
  const { gate } = source;
  if (id === undefined) {
    throw refused(
      `gate ${gate}: this version is no decision`,
      'a gate resource knows decisions alone: see its versions',
    );
  }
  const unknown = Object.keys(version).find((key) => !isVersionKey(key));
  if (unknown !== undefined) throw refused(`version.${unknown} is no part of a decision`, FORGED);
  const status = version['status'];
  if (status === 'requested' && gate === undefined) return write(version, { status }, [], context);
  const decided = DECIDED.find((each) => each === status);
  if (decided === undefined) throw refused(`approval ${id}: ${status ?? 'no status'} is no decision`, FORGED);
  if (gate !== undefined && !source.emit.includes(decided)) {
    const hint = `it reports ${source.emit.join(', ')}: add ${decided} to source.emit if it is wanted`;
    throw refused(`approval ${id}: gate resource ${gate} does not report ${decided}`, hint);
  }
  const view = await confirmed({ id, decided, gate }, source, context);
  return write(version, filesOf(view, context), metadataOf(view), context);
}

/** Whether a key may stand in the version of a decision; `ref` is for people who pin. */
export function isVersionKey(key: string): boolean {
  return key === 'approval' || key === 'status' || key === 'ref';
}

async function confirmed(
  claimed: { readonly id: string; readonly decided: Decided; readonly gate: string | undefined },
  source: Source,
  context: StepContext,
): Promise<ApprovalView> {
  const { id, decided, gate } = claimed;
  const scope = scopeDigest(originOf(readBuild(context.env)));
  const view = await listenerOf(source, context, 'to confirm a decision').find(id, scope);
  if (view === undefined || view.approval !== id)
    throw refused(`the listener knows no approval ${id} for this token`, UNKNOWN);
  if (gate !== undefined && view.gate !== gate)
    throw refused(`approval ${id} is of gate ${view.gate}, not of ${gate}`, FORGED);
  if (view.status === decided) return view;
  if (decided === 'approved') throw view.status === 'approved' ? new Error('unreachable') : faultOf(view);
  throw refused(`approval ${id} is ${view.status}, not ${decided}`, FORGED);
}

function filesOf(view: ApprovalView, { log }: StepContext): Record<string, string> {
  const entries = Object.entries(view.context);
  const unfit = entries.map(([name]) => name).filter((name) => !isContextName(name));
  if (unfit.length > 0)
    log.warn(
      `context: ${unfit.map((name) => JSON.stringify(name.slice(0, 60))).join(', ')} cannot be file names, see context.json`,
    );
  const named = entries.filter(([name]) => isContextName(name));
  return {
    status: view.status,
    approver: namesOf(view),
    reason: view.reason ?? '',
    decided_at: view.decided_at ?? '',
    'decision.json': json(view),
    'context.json': json(view.context),
    ...Object.fromEntries(named.map(([name, value]) => [`context/${name}`, value])),
  };
}

function write(
  version: Version,
  files: Readonly<Record<string, string>>,
  metadata: readonly Field[],
  { dir }: StepContext,
): Answer {
  writeFiles(dir, { ...files, 'version.json': json(version) });
  return {
    version,
    metadata: metadata.length > 0 ? metadata : [{ name: 'status', value: version['status'] ?? '' }],
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function refused(message: string, hint: string): Fault {
  return new Fault('APPROVAL_REFUSED', message, { hint });
}
