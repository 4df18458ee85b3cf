import type { Snapshot } from '../durable/machine.ts';
import { dateToken, escapeMrkdwn } from '../slack/mrkdwn.ts';
import { mentionOf, mentionsOf } from './card-parts.ts';
import { NOBODY_DECIDED } from './decide-common.ts';
import type { Approval } from './record.ts';
import { validUntil, votesAgainst, votesFor } from './record.ts';

/** A request's state in words. */
export interface CardState {
  readonly icon: string;
  readonly title: string;
  /** The line below the facts, mrkdwn. */
  readonly line: string;
  /** For notifications and screen readers. */
  readonly spoken: string;
  readonly reason?: string | undefined;
}

/** What the card says about a request's state. */
export function stateOf({ status, data }: Snapshot<Approval>): CardState {
  const { decision, terms } = data;
  const by = mentionsOf(decision?.by.map(({ user }) => user) ?? []);
  const at = decision === undefined ? '' : ` · ${dateToken(decision.at / 1000)}`;
  const note = escapeMrkdwn(decision?.note ?? '');
  const reason = decision?.reason;
  const isSilence = decision?.note === undefined || decision.note === NOBODY_DECIDED;
  const approved = by === '' ? `Approved ${note}` : `Approved by ${by}`;
  switch (status) {
    case 'open':
      return {
        icon: '⏳',
        title: 'Approval needed',
        line: progressOf(data),
        spoken: spokenProgress(data),
      };
    case 'approved':
      return {
        icon: '✅',
        title: 'Approved',
        line: `${approved}${at}${useOf(data)}`,
        spoken: approved,
        reason,
      };
    case 'denied':
      return { icon: '⛔', title: 'Denied', line: `Denied by ${by}${at}`, spoken: `Denied by ${by}`, reason };
    case 'timed_out':
      return {
        icon: '⌛',
        title: 'Timed out',
        line: isSilence
          ? `No decision by ${dateToken(terms.endsAt / 1000)}, treated as denied`
          : `Timed out: ${note}${at}`,
        spoken: isSilence ? 'No decision in time, treated as denied' : `Timed out: ${note}`,
      };
    case 'expired': {
      const end = terms.wait || data.claim !== undefined ? 'its time is over' : 'not used in time';
      return {
        icon: '⌛',
        title: 'Expired',
        line: `${approved}${at} · ${end}`,
        spoken: `${approved}, ${end}`,
        reason,
      };
    }
    default: {
      const line = `Withdrawn${by === '' ? '' : ` by ${by}`}: ${note}`;
      return { icon: '↩️', title: 'Withdrawn', line: `${line}${at}`, spoken: line };
    }
  }
}

// A waiting put has used it already.
function useOf({ terms, claim, decision }: Approval): string {
  const until = validUntil({ terms, decision });
  if (claim !== undefined && terms.use === 'once') return ` · used by ${escapeMrkdwn(claim.label)}`;
  const valid = terms.wait || until === undefined ? '' : ` · valid until ${dateToken(until / 1000)}`;
  if (claim !== undefined) return `${valid} · last used by ${escapeMrkdwn(claim.label)}`;
  return terms.wait ? '' : `${valid} · not used yet`;
}

function progressOf(data: Approval): string {
  const { terms, detached } = data;
  const [pro, contra] = [votesFor(data), votesAgainst(data)];
  const named = (label: string, votes: typeof pro) =>
    votes.length === 0
      ? []
      : [
          `${label} ${votes
            .slice(-10)
            .map(({ user, at }) => `${mentionOf(user)} ${dateToken(at / 1000)}`)
            .join(', ')}`,
        ];
  return [
    ...(detached === true ? ['⏸ build stopped'] : []),
    ...(terms.present?.gone === true ? ['⚠️ its gate is no longer configured: nobody can decide'] : []),
    `*${pro.length} of ${terms.quorum}*`,
    ...named('approved by', pro),
    ...named('denied by', contra),
  ].join(' · ');
}

function spokenProgress(data: Approval): string {
  const count = votesFor(data).length;
  return count === 0 ? 'Approval needed' : `Approval needed, ${count} of ${data.terms.quorum}`;
}
