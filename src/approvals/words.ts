import type { Snapshot } from '../durable/machine.ts';
import { dateToken, escapeMrkdwn } from '../slack/mrkdwn.ts';
import { mentionsOf } from './card-parts.ts';
import type { ApprovalRefusal } from './decide.ts';
import type { Approval } from './record.ts';
import type { Eligibility } from './voters.ts';

/** What a person who may not decide is told. */
export function refusalWords(reason: Extract<Eligibility, { ok: false }>['reason']): string {
  switch (reason) {
    case 'excluded':
      return 'You asked for this, or are named as one who may not decide: somebody else has to. Nothing changed.';
    case 'not_listed':
      return 'You are not one of those who may decide this. Nothing changed.';
    case 'guest':
      return 'Guests of this workspace cannot decide. Nothing changed.';
    case 'foreign':
      return 'Only members of this workspace can decide. Nothing changed.';
    case 'gate_gone':
      return 'The gate of this request is no longer configured: nobody can decide it. Nothing changed.';
    case 'deactivated':
    case 'bot':
      return 'This account cannot decide. Nothing changed.';
    default:
      return reason satisfies never;
  }
}

/** What a person is told whose click changed nothing; undefined when there is nothing to say. */
export function clickWords(
  refusal: ApprovalRefusal,
  approval: Snapshot<Approval> | undefined,
): string | undefined {
  if (refusal.code === 'not_open') return approval === undefined ? undefined : alreadyWords(approval);
  return CLICK_WORDS[refusal.code];
}

const CLICK_WORDS: Partial<Record<ApprovalRefusal['code'], string>> = {
  unknown: 'This request is not known here any more. Nothing changed.',
  late: 'The time to decide is over. Nothing changed.',
  gate_gone: refusalWords('gate_gone'),
  no_reason: 'A reason is needed by now. Nothing changed: click again.',
  recheck:
    'Slack did not say whether those who voted before you still may. Nothing changed: click again in a moment.',
  excluded: refusalWords('excluded'),
  duplicate: 'You have voted so already. Nothing changed.',
  replayed: 'A later click of yours counts already. Nothing changed.',
  changed_too_often: 'You have changed your vote too often. Nothing changed.',
  inbox_full: 'Too many clicks at once. Nothing changed: click again in a moment.',
  ineligible: 'You may not decide this. Nothing changed.',
  unreadable: 'Slack did not say whether you may decide. Nothing changed: click again.',
};

/** `Already approved by @ana at 14:02. Nothing changed.` */
export function alreadyWords({ status, data }: Snapshot<Approval>): string {
  const { decision, claim } = data;
  const by = mentionsOf(decision?.by.map(({ user }) => user) ?? []);
  const at = decision === undefined ? '' : ` at ${dateToken(decision.at / 1000)}`;
  const used = claim === undefined ? '' : `, used by ${escapeMrkdwn(claim.label)}`;
  const note = by === '' && decision?.note !== undefined ? ` (${escapeMrkdwn(decision.note)})` : '';
  return `Already ${stateWords(status)}${by === '' ? '' : ` by ${by}`}${at}${used}${note}. Nothing changed.`;
}

/** The status as people read it. */
export function stateWords(status: string): string {
  return status === 'timed_out' ? 'timed out' : status;
}
