import type { JsonObject } from '../store/store.ts';
import type { Origin } from './contract.ts';

export type ApprovalState = 'open' | 'approved' | 'denied' | 'timed_out' | 'withdrawn' | 'expired';

/**
 * What a request asks and under which rules: recorded when it is opened, and tightened by the gate's policy whenever it is
 * read (`tighten`). Times in milliseconds since the epoch.
 */
export interface Terms {
  readonly gate: string;
  /** Name of the token that asked. */
  readonly token: string;
  readonly origin: Origin;
  readonly title: string;
  readonly details?: string | undefined;
  readonly context: Readonly<Record<string, string>>;
  readonly subject?: string | undefined;
  readonly supersede: boolean;
  readonly links: readonly {
    readonly title: string;
    readonly url: string;
    readonly note?: string | undefined;
  }[];
  /** Digest of all the request said: the same key with another content is refused. */
  readonly content: string;
  /** Slack users, user groups and e-mail addresses, as the gate has them; or as the request has, where the gate lets it. */
  readonly approvers: readonly string[];
  /** Those the request named: only who is in both lists may decide. */
  readonly narrowed?: readonly string[] | undefined;
  readonly quorum: number;
  readonly denyQuorum: number;
  /** Slack users who may not decide: the requester and those of `not_by`. */
  readonly excluded: readonly string[];
  /** Slack user of the requester, where it is known. */
  readonly requester?: string | undefined;
  /** Votes asked for beyond the gate's, because those who may not vote are unknown. */
  readonly raisedBy: number;
  /** How many names of `not_by` stood for nobody who is known. */
  readonly unknown?: number | undefined;
  /** The first of them, shortened. */
  readonly unmatched?: readonly string[] | undefined;
  readonly requireReason: 'never' | 'deny' | 'always';
  readonly endsAt: number;
  readonly onTimeout: 'deny' | 'approve';
  readonly validForMs: number;
  readonly use: 'once' | 'many';
  readonly remindEveryMs?: number | undefined;
  readonly wait: boolean;
  /** It opens the build that waits for it and no other: no check lists it, and where it is used once, no other build claims it. */
  readonly forBuild?: boolean | undefined;
  readonly abandonAfterMs: number;
  /** Where the card goes: as the gate or the request names it. */
  readonly channel: string;
  readonly mention: readonly string[];
  /** Only in terms that were tightened: what the operator says now. Never recorded. */
  readonly present?: Present | undefined;
}

/** What the operator's configuration says now about a request that is recorded. */
export interface Present {
  /** The terms as they are recorded. */
  readonly opened: Terms;
  /** The gate is no longer configured: nobody decides. */
  readonly gone: boolean;
  /** The gate's list, where it is another one than at the opening: who decides is in both. */
  readonly approvers?: readonly string[] | undefined;
}

export interface Vote {
  readonly user: string;
  readonly name: string;
  readonly vote: 'approve' | 'deny';
  /** When the click arrived. */
  readonly at: number;
  /** Slack's `action_ts`: an older one than the person's last is a replay. */
  readonly actionTs: string;
  readonly reason?: string | undefined;
  /** How often this person has changed their vote. */
  readonly changes: number;
}

/** A click, or a submitted form, of which nobody knows yet whether it counts: Slack has not said who the person is. */
export interface Unresolved {
  readonly user: string;
  readonly vote: 'approve' | 'deny';
  readonly at: number;
  readonly actionTs: string;
  readonly reason?: string | undefined;
  readonly responseUrl?: string | undefined;
}

export interface Decision {
  readonly at: number;
  /** Those whose votes decided, or who withdrew it; empty when time did. */
  readonly by: readonly { readonly user: string; readonly name: string }[];
  readonly reason?: string | undefined;
  /** One sentence: why it ended without votes. */
  readonly note?: string | undefined;
  readonly validUntil?: number | undefined;
  /** How many had to approve, where that was more than at the opening. */
  readonly quorum?: number | undefined;
}

export interface Restored {
  readonly at: number;
  readonly nonce: string;
  readonly card: Approval['card'];
  readonly wasApproved: boolean;
}

export interface Card {
  readonly channel: string;
  readonly ts: string;
  readonly permalink?: string | undefined;
  /** Since when its buttons count. */
  readonly at?: number | undefined;
}

export interface Approval {
  readonly terms: Terms;
  /** Grows with every change that readers may want to see. */
  readonly revision: number;
  /** Ties buttons to this request: a button with another one is not of this card. */
  readonly nonce: string;
  readonly card?: Card | undefined;
  /** Cards that were posted and can no longer be brought up to date. */
  readonly cardsLost?: number | undefined;
  /** Second cards that turned out to be there, because Slack's answer to whoever posted them was lost. */
  readonly strays?: readonly { readonly channel: string; readonly ts: string }[] | undefined;
  readonly votes: readonly Vote[];
  readonly inbox: readonly Unresolved[];
  /** Slack users whose denial was begun and is not counted, where silence would approve. */
  readonly doubts?: readonly string[] | undefined;
  /** When it would have ended, where its end was put off. */
  readonly firstEnd?: number | undefined;
  readonly reminders: number;
  /** Thread lines asked for so far. */
  readonly lines: number;
  /** Digest of the rules that its people were told of since, where the policy of the gate has changed. */
  readonly rules?: string | undefined;
  /** The waiting put has said that it stops, or has not been heard for long. */
  readonly detached?: boolean | undefined;
  /** Since when it must be heard, or the request is withdrawn. */
  readonly lastCall?: number | undefined;
  readonly decision?: Decision | undefined;
  /** It was in doubt after a restore of the store at `at`, and is decided anew; with the nonce and the card before. */
  readonly restored?: Restored | undefined;
  readonly claim?: { readonly build: string; readonly label: string; readonly at: number } | undefined;
}

/** Schema version of an approval's data. */
export const APPROVAL_SCHEMA = 1;

/** The data of a record as an approval; what the engine wrote is what it reads. */
export function readApproval(data: JsonObject): Approval {
  if (!isApproval(data)) throw new Error('not the data of an approval');
  return data;
}

/** What is recorded of an approval: its terms as they were opened. */
export function writeApproval(approval: Approval): JsonObject {
  return { ...approval, terms: openedTerms(approval) };
}

/** The terms as they were opened, whatever the operator has said since. */
export function openedTerms({ terms }: Pick<Approval, 'terms'>): Terms {
  return terms.present?.opened ?? terms;
}

/** Whether the put that waited has used it by its end: what could still come is that same build's claim. */
export function isUsedByWaiting(data: Pick<Approval, 'terms'>): boolean {
  const { forBuild, use } = openedTerms(data);
  return forBuild === true && use === 'once';
}

/** The terms with something else in them, also as they were opened. */
export function changedTerms(
  { terms }: Pick<Approval, 'terms'>,
  change: Partial<Pick<Terms, 'endsAt' | 'onTimeout'>>,
): Terms {
  const { present } = terms;
  const opened = present && { present: { ...present, opened: { ...present.opened, ...change } } };
  return { ...terms, ...change, ...opened };
}

/** Until when an approval may be used: no longer than its gate now lets it. */
export function validUntil({ decision, terms }: Pick<Approval, 'decision' | 'terms'>): number | undefined {
  if (decision?.validUntil === undefined) return undefined;
  return Math.min(decision.validUntil, decision.at + terms.validForMs);
}

function isApproval(data: JsonObject): data is JsonObject & Approval {
  return (
    typeof data['nonce'] === 'string' && typeof data['terms'] === 'object' && Array.isArray(data['votes'])
  );
}

/** Votes for it. */
export function votesFor({ votes }: Pick<Approval, 'votes'>): readonly Vote[] {
  return votes.filter(({ vote }) => vote === 'approve');
}

export function votesAgainst({ votes }: Pick<Approval, 'votes'>): readonly Vote[] {
  return votes.filter(({ vote }) => vote === 'deny');
}
