import type { ApprovalView } from '../approvals/contract.ts';
import { Fault } from '../kit/fault.ts';
import { utc } from '../slack/mrkdwn.ts';

export interface Field {
  readonly name: string;
  readonly value: string;
}

const LONGEST_TITLE = 120;

/** What people want to see of a decision, also as local vars of later steps: `((.:release-gate.status))`. Never a secret (C9). */
export function metadataOf(view: ApprovalView): Field[] {
  const own: Field[] = [
    { name: 'gate', value: view.gate },
    { name: 'title', value: view.title },
    { name: 'status', value: view.status },
    { name: 'approvers', value: namesOf(view) },
    { name: 'reason', value: view.reason ?? '' },
    { name: 'note', value: view.note ?? '' },
    { name: 'decided_at', value: view.decided_at ?? '' },
    { name: 'valid_until', value: view.valid_until ?? '' },
    { name: 'claimed_by', value: view.claimed_by ?? '' },
    { name: 'card', value: view.permalink ?? '' },
  ];
  const taken = new Set(own.map(({ name }) => name));
  const context = Object.entries(view.context).map(([name, value]) => ({
    name: taken.has(name) ? `context.${name}` : name,
    value,
  }));
  return [...own.filter(({ value }) => value !== ''), ...context];
}

/** Why a request that has ended does not let a build go on: who, when, why. */
export function faultOf(view: ApprovalView, what = `gate ${view.gate}: ${titleOf(view)}`): Fault {
  const why = view.reason === undefined ? '' : `: ${quoted(view.reason)}`;
  const note = view.note === undefined ? '' : `: ${view.note}`;
  const at = view.decided_at === undefined ? '' : ` at ${when(view.decided_at)}`;
  switch (view.status) {
    case 'denied':
      return new Fault('APPROVAL_DENIED', `${what} was denied by ${namesOf(view) || 'somebody'}${at}${why}`, {
        hint: 'settle it with them; a new build asks again',
      });
    case 'timed_out':
      return new Fault('APPROVAL_TIMED_OUT', `${what} was not decided by ${when(view.ends_at)}${note}`, {
        hint: 'ask again; a longer timeout, mention and remind_every help people to see it',
      });
    case 'withdrawn': {
      const by = namesOf(view) === '' ? '' : ` by ${namesOf(view)}`;
      return new Fault('APPROVAL_WITHDRAWN', `${what} was withdrawn${by}${at}${note}${why}`, {
        hint: view.note?.startsWith('the card could not be posted')
          ? "invite the listener's app to that channel, or let the gate name another; a new build asks again"
          : 'a new build asks again',
      });
    }
    case 'expired': {
      const end = view.valid_until === undefined ? '' : ` at ${when(view.valid_until)}`;
      return new Fault('APPROVAL_EXPIRED', `${what} was approved, and that has expired${end}`, {
        hint: 'ask again: an approval counts only for as long as the operator of the gate says',
      });
    }
    case 'requested':
      return new Fault('APPROVAL_REFUSED', `${what} has not been decided`, {
        hint: 'wait for the decision; a version that says otherwise was made by hand',
      });
    case 'approved':
      throw new Error('unreachable: an approval lets a build go on');
    default:
      return view.status satisfies never;
  }
}

/** Why a put that does not wait was not asked anew: its key has ended already, and nothing would arrive. */
export function keyEnded(view: ApprovalView, isOwn: boolean): Fault {
  const key = `gate ${view.gate}: ${isOwn ? "this build's request" : 'this key'}`;
  const hint = isOwn
    ? 'a new build asks again'
    : 'use another key: let it hold what is asked about, or {{BUILD_ID}}';
  if (view.status === 'approved') {
    const by = `by ${namesOf(view) || 'the gate'} and used by ${oneLine(view.claimed_by ?? 'another build')}`;
    return new Fault('APPROVAL_REFUSED', `${key} was approved ${by}: nothing was asked`, { hint });
  }
  const { code, message } = faultOf(view, key);
  return new Fault(code, `${message}: nothing was asked`, { hint });
}

/** `"Ship 1.2.3 to production?"`, on one line and not too long. */
export function titleOf({ title }: ApprovalView): string {
  return quoted(title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE)}…` : title);
}

/** Those whose votes decided, for one line. */
export function namesOf({ approvers }: ApprovalView): string {
  return approvers.map(oneLine).join(', ');
}

/** `2026-11-23 10:00 UTC` */
export function when(iso: string): string {
  return utc(Date.parse(iso) / 1000);
}

/** Foreign text without line breaks, which would look like lines of the step's own. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ');
}

function quoted(text: string): string {
  return `"${oneLine(text)}"`;
}
