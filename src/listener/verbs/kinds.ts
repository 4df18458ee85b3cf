import type { ApprovalState } from '../../approvals/record.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import { Fault } from '../../kit/fault.ts';

const APPROVAL: Readonly<Record<ApprovalState, true>> = {
  open: true,
  approved: true,
  denied: true,
  timed_out: true,
  withdrawn: true,
  expired: true,
};

/** Every kind of record, with the statuses that it can have. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
  approval: Object.keys(APPROVAL),
  action: ['asked', 'running', 'done', 'failed', 'unknown', 'cancelled', 'lapsed'],
  gate: ['open'],
  slots: ['open'],
  subject: ['open'],
  once: ['taken', 'free'],
  allowance: ['open'],
  'audit-walk': ['walking'],
  'restore-walk': ['walking', 'done'],
};

/** Throws a Fault CONFIG_INVALID that names what there is, for a kind or a status that no record can have. */
export function checkKind(kind: string | undefined, status: string | undefined): void {
  if (kind !== undefined) check('kind', kind, Object.keys(KINDS));
  const statuses = kind === undefined ? Object.values(KINDS).flat() : (KINDS[kind] ?? []);
  if (status !== undefined) check('status', status, [...new Set(statuses)]);
}

function check(option: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  const near = didYouMean(given, known);
  const words = near === undefined ? '' : `, did you mean ${near}?`;
  throw new Fault('CONFIG_INVALID', `--${option}: ${JSON.stringify(given)} is no ${option}${words}`, {
    hint: `it can be ${known.join(', ')}`,
  });
}
