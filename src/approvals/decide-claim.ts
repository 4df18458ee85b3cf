import type { Snapshot } from '../durable/machine.ts';
import type { Origin } from './contract.ts';
import type { Outcome } from './decide.ts';
import { lineOf, next } from './decide-common.ts';
import { openedTerms, validUntil } from './record.ts';
import type { Approval } from './record.ts';
import { scopeOf } from './scope.ts';

/** A build says: this decision is what I go on with. */
export interface Claim {
  readonly gate: string;
  readonly origin: Origin;
  readonly expect: Readonly<Record<string, string>>;
}

/** Of a build in a thread line, which the record keeps until Slack has it. */
const LONGEST_LABEL = 200;
const LONGEST_URL = 500;

/** The proof before the deploy: approved, unexpired, of this gate, this pipeline and these very things, and the first to ask. */
export function claimed(current: Snapshot<Approval>, claim: Claim, now: number): Outcome {
  const { data, status } = current;
  const { terms } = data;
  if (claim.gate !== terms.gate) return { refused: { code: 'other_gate' } };
  if (scopeOf(claim.origin) !== scopeOf(terms.origin)) return { refused: { code: 'other_origin' } };
  // With `use: many` other builds may, too; none of them is told of it by check.
  if (terms.forBuild === true && terms.use === 'once' && !isSameBuild(claim.origin, terms.origin))
    return { refused: { code: 'other_build' } };
  if (terms.present?.gone === true) return { refused: { code: 'gate_gone' } };
  const isSpentHere = openedTerms(data).use === 'once' && isOwn(data, claim);
  const isOver = status === 'approved' && now >= (validUntil(data) ?? 0);
  if (status === 'expired' || (isOver && !isSpentHere)) return { refused: { code: 'expired' } };
  if (status !== 'approved') return { refused: { code: 'not_approved' } };
  const names = Object.keys(claim.expect).filter((name) => ownOf(terms.context, name) !== claim.expect[name]);
  if (names.length > 0) return { refused: { code: 'other_context', names } };
  if (isOwn(data, claim)) return { refused: { code: 'nothing' } };
  if (data.claim !== undefined && terms.use === 'once') return { refused: { code: 'taken' } };
  const label = labelOf(claim.origin).slice(0, LONGEST_LABEL).toWellFormed();
  const { url = '' } = claim.origin;
  return next(
    current,
    {
      data: { ...data, claim: { build: buildOf(claim.origin), label, at: now } },
      seen: true,
      card: true,
      lines: [lineOf('claimed', { build: label, url: url.length <= LONGEST_URL ? url : undefined })],
      audit: { event: 'claimed', build: buildOf(claim.origin), label },
    },
    now,
  );
}

function ownOf(context: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(context, name) ? context[name] : undefined;
}

/** Whether this very build has claimed it already: under `attempts` it may ask again. */
function isOwn({ claim }: Approval, { origin }: Claim): boolean {
  return claim !== undefined && origin.build_id !== undefined && claim.build === buildOf(origin);
}

function isSameBuild(one: Origin, other: Origin): boolean {
  return one.build_id !== undefined && one.build_id === other.build_id;
}

function buildOf(origin: Origin): string {
  return `${scopeOf(origin)}#${origin.build_id ?? ''}`;
}

/** `app/deploy #41`, as people name a build. */
export function labelOf({ pipeline, job, build_name: name, build_id: id }: Origin): string {
  const place = [pipeline, job].filter((part) => part !== undefined).join('/');
  const number = name ?? id;
  return (
    [place, number === undefined ? '' : `#${number}`].filter((part) => part !== '').join(' ') || 'a build'
  );
}
