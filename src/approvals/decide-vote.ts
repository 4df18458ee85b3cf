import type { Refusal, Snapshot } from '../durable/machine.ts';
import { truncate } from '../slack/mrkdwn.ts';
import type { ApprovalRefusal, Outcome } from './decide.ts';
import { isOpen, lineOf, next } from './decide-common.ts';
import type { Next } from './decide-common.ts';
import { withDoubt } from './decide-silence.ts';
import { openedTerms, votesAgainst, votesFor } from './record.ts';
import type { Approval, Terms, Unresolved, Vote } from './record.ts';

/** A vote of a person who was found eligible at the click. */
export interface Ballot {
  readonly user: string;
  readonly name: string;
  readonly vote: 'approve' | 'deny';
  readonly at: number;
  readonly actionTs: string;
  readonly reason?: string | undefined;
}

/** Of those who had voted before, as far as it matters to this vote: who may still decide, and who may no longer. */
export interface Roll {
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}

/** What Slack said about a person whose click had been saved. */
export type Verdict =
  | { readonly eligible: true; readonly name: string; readonly roll: Roll }
  /** `unsure`: it did not say. */
  | { readonly eligible: false; readonly why: string; readonly unsure?: boolean };

const MOST_CHANGES = 10;
const MOST_UNRESOLVED = 30;
/** Bytes of all kept clicks together: a record has its size, whoever clicks. */
const MOST_INBOX_BYTES = 8000;
const LONGEST_RESPONSE_URL = 300;
/** Of a reason, and of all reasons that a request keeps; the whole text is in the audit and in the thread. */
const LONGEST_REASON = 1000;
const ALL_REASONS = 3000;

/**
 * Whose right to decide must be known before this vote is counted: of all who have voted, where it could decide with their
 * votes, otherwise of nobody.
 */
export function othersToCall(
  { votes, terms }: Approval,
  { user, vote }: Pick<Ballot, 'user' | 'vote'>,
): readonly string[] {
  const others = votes.filter((each) => each.user !== user);
  const all = { terms, votes: [...others, { vote }] };
  return isEnough(all) ? others.map((each) => each.user) : [];
}

// Also when nothing was decided: the rules may have been others when the last vote came.
function isEnough({ votes, terms }: { votes: readonly Pick<Vote, 'vote'>[]; terms: Terms }): boolean {
  const against = votes.filter(({ vote }) => vote === 'deny').length;
  return votes.length - against >= terms.quorum || against >= terms.denyQuorum;
}

/**
 * Counts a vote: a second one of the same person takes the place of the first, and the quorum decides, without those who may
 * no longer.
 */
export function voted(current: Snapshot<Approval>, ballot: Ballot, roll: Roll, now: number): Outcome {
  const { data } = current;
  const refused = notCounted(current, ballot);
  if (refused) return { refused };
  const before = data.votes.find(({ user }) => user === ballot.user);
  const vote: Vote = { ...ballot, changes: before === undefined ? 0 : before.changes + 1 };
  const kept: Vote = { ...vote, reason: shortened(vote.reason, data) };
  const others = data.votes.filter(({ user }) => user !== ballot.user);
  const votes = [...others.filter(({ user }) => !roll.mayNot.includes(user)), kept];
  const dropped = others.filter(({ user }) => roll.mayNot.includes(user)).map(({ user }) => user);
  // An older click of this person that still waits is no longer what they want.
  const inbox = data.inbox.filter((click) => click.user !== ballot.user || isLater(click, ballot));
  const doubts = data.doubts?.filter((user) => user !== ballot.user);
  return counted(current, { ...data, votes, inbox, doubts }, vote, { may: roll.may, dropped, now });
}

function shortened(reason: string | undefined, { terms }: Approval): string | undefined {
  const most = Math.min(LONGEST_REASON, Math.floor(ALL_REASONS / (terms.quorum + terms.denyQuorum)));
  return reason === undefined ? undefined : truncate(reason, most);
}

function isLater(one: { readonly actionTs: string }, other: { readonly actionTs: string }): boolean {
  return Number(one.actionTs) > Number(other.actionTs);
}

function notCounted(current: Snapshot<Approval>, click: Ballot | Unresolved): ApprovalRefusal | undefined {
  const { data } = current;
  if (!isOpen(current)) return { code: 'not_open' };
  if (data.terms.present?.gone === true) return { code: 'gate_gone' };
  if (click.at >= data.terms.endsAt) return { code: 'late' };
  if (click.reason === undefined && needsReason(data, click.vote)) return { code: 'no_reason' };
  if (data.terms.excluded.includes(click.user)) return { code: 'excluded' };
  if (data.inbox.some((other) => other.user === click.user && isLater(other, click)))
    return { code: 'replayed' };
  const before = data.votes.find(({ user }) => user === click.user);
  if (before === undefined) return undefined;
  // What is no number is not later.
  if (!isLater(click, before)) return { code: 'replayed' };
  // Behind a vote that still waits, the same vote as the counted one is a change.
  const waits = data.inbox.some(({ user }) => user === click.user) || data.doubts?.includes(click.user);
  const isSame = before.vote === click.vote && (click.reason ?? before.reason) === before.reason;
  if (!waits && isSame && !isEnough(data)) return { code: 'duplicate' };
  return before.changes >= MOST_CHANGES ? { code: 'changed_too_often' } : undefined;
}

function counted(
  current: Snapshot<Approval>,
  data: Approval,
  vote: Vote,
  {
    may,
    dropped,
    now,
  }: { readonly may: readonly string[]; readonly dropped: readonly string[]; now: number },
): Outcome {
  const { quorum, denyQuorum, validForMs } = data.terms;
  const [pro, contra] = [votesFor(data), votesAgainst(data)];
  // A denial needs no proof; an approval counts those alone who are known to decide still.
  const sure = pro.filter(({ user }) => user === vote.user || may.includes(user));
  const isFor = vote.vote === 'approve';
  const lines = dropped.length > 0 ? [lineOf('dropped', { users: dropped })] : [];
  const audit = {
    by: vote.user,
    name: vote.name,
    vote: vote.vote,
    at: vote.at,
    ...(vote.reason && { reason: vote.reason }),
    ...(dropped.length > 0 && { no_longer: dropped }),
  };
  const isApproved = isFor && sure.length >= quorum;
  const decided = contra.length >= denyQuorum ? 'denied' : isApproved ? 'approved' : undefined;
  if (decided === undefined && isFor && pro.length >= quorum) return { refused: { code: 'recheck' } };
  if (decided === undefined) {
    const line = lineOf('vote', {
      user: vote.user,
      vote: vote.vote,
      reason: vote.reason,
      count: pro.length,
      quorum,
    });
    return next(
      current,
      { data, seen: true, card: true, lines: [...lines, line], audit: { event: 'vote', ...audit } },
      now,
    );
  }
  const deciders = decided === 'approved' ? sure : contra;
  const by = deciders.map(({ user, name }) => ({ user, name }));
  const reasons = deciders.flatMap(({ reason }) => reason ?? []);
  const { reason } = isFor === (decided === 'approved') ? vote : {};
  return next(
    current,
    {
      status: decided,
      data: {
        ...data,
        decision: {
          at: now,
          by,
          reason: reasons.length > 0 ? truncate(reasons.join(' / '), LONGEST_REASON) : undefined,
          validUntil: decided === 'approved' ? now + validForMs : undefined,
          ...(quorum !== openedTerms(data).quorum && { quorum }),
        },
      },
      card: true,
      lines: [...lines, lineOf(decided, { users: by.map(({ user }) => user), reason })],
      audit: { event: decided, ...audit },
    },
    now,
  );
}

/** Whether whoever votes so must say why. */
export function needsReason({ terms }: Pick<Approval, 'terms'>, vote: 'approve' | 'deny'): boolean {
  return terms.requireReason === 'always' || (terms.requireReason === 'deny' && vote === 'deny');
}

/** Keeps a click until Slack has said who the person is; at most one for each person, and only so many. */
export function unresolved(current: Snapshot<Approval>, click: Unresolved): Outcome {
  const { data } = current;
  const refused = notCounted(current, click);
  if (refused) return { refused };
  const others = data.inbox.filter(({ user }) => user !== click.user);
  const before = data.inbox.find(({ user }) => user === click.user);
  if (before && !isLater(click, before)) return { refused: { code: 'replayed' } };
  const { responseUrl = '' } = click;
  const kept = responseUrl.length > LONGEST_RESPONSE_URL ? { ...click, responseUrl: undefined } : click;
  const inbox = [...others, kept];
  if (inbox.length > MOST_UNRESOLVED || Buffer.byteLength(JSON.stringify(inbox)) > MOST_INBOX_BYTES)
    return { refused: { code: 'inbox_full' } };
  const wish = { data: { ...data, inbox }, schedule: [{ key: 'resolve' }] };
  const isChange = click.vote === 'deny' && votesFor(data).some(({ user }) => user === click.user);
  return next(current, isChange ? { ...wish, ...withoutVote(wish.data, click) } : wish, click.at);
}

// Whoever takes an approval back needs no leave: until Slack has answered, another vote must not decide with it.
function withoutVote(data: Approval, { user, at }: Unresolved): Next {
  const votes = data.votes.filter((vote) => vote.user !== user);
  return {
    data: { ...data, votes },
    seen: true,
    card: true,
    audit: { event: 'approval doubted', by: user, at },
  };
}

/** Counts a kept click, or throws it away; `refused` never stops the others of the inbox. */
export function resolved(
  current: Snapshot<Approval>,
  {
    user,
    actionTs,
    verdict,
  }: { readonly user: string; readonly actionTs: string; readonly verdict: Verdict },
  now: number,
): Outcome {
  const click = current.data.inbox.find((each) => each.user === user && each.actionTs === actionTs);
  const inbox = current.data.inbox.filter((each) => each !== click);
  const left = { ...current, data: { ...current.data, inbox } };
  const more = inbox.length > 0 ? [{ key: 'resolve' }] : [];
  // Overtaken by a later click of the same person; who waits behind it still does.
  if (click === undefined)
    return more.length > 0 ? next(current, { schedule: more }, now) : { refused: { code: 'nothing' } };
  const isDoubt = click.vote === 'deny' && !verdict.eligible && verdict.unsure === true;
  const data = isDoubt ? withDoubt(left.data, user) : left.data;
  const dropped = next(current, { data, schedule: more }, now);
  if (!verdict.eligible) return dropped;
  const { responseUrl: _, ...ballot } = click;
  const outcome: Outcome = voted(left, { ...ballot, name: verdict.name }, verdict.roll, now);
  // Somebody else has voted while Slack was asked.
  if (isRefusal(outcome) && outcome.refused.code === 'recheck')
    return next(current, { schedule: [{ key: 'resolve' }] }, now);
  if (isRefusal(outcome)) return dropped;
  return outcome.status === 'open'
    ? { ...outcome, schedule: [...(outcome.schedule ?? []), ...more] }
    : outcome;
}

function isRefusal(outcome: Outcome): outcome is Refusal<ApprovalRefusal> {
  return 'refused' in outcome;
}
