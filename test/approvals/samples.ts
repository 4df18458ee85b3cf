import type { ApprovalEvent, ApprovalRefusal } from '../../src/approvals/decide.ts';
import { decideApproval } from '../../src/approvals/decide.ts';
import type { Roll } from '../../src/approvals/decide-vote.ts';
import type { OpenRequest } from '../../src/approvals/contract.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import { readApproval, writeApproval } from '../../src/approvals/record.ts';
import type { Approval, Terms } from '../../src/approvals/record.ts';
import { underPolicy } from '../../src/approvals/tighten.ts';
import type { OperatorsWord } from '../../src/approvals/tighten.ts';
import type { Snapshot } from '../../src/durable/machine.ts';
import { scheduled } from '../../src/durable/schedule.ts';

/** Noon of a day. */
export const NOON = Date.UTC(2026, 0, 2, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const ANA = 'U0ANA000001';
export const BEN = 'U0BEN000001';
export const CEM = 'U0CEM000001';

export const ORIGIN = {
  team: 'main',
  pipeline: 'app',
  job: 'release',
  build_id: '4711',
  build_name: '41',
  url: 'https://ci.example/builds/4711',
  created_by: 'octocat',
} as const;

export function termsOf(change: Partial<Terms> = {}): Terms {
  return {
    gate: 'release',
    token: 'ci-main',
    origin: ORIGIN,
    title: 'Ship 1.2.3 to production?',
    context: { version: '1.2.3' },
    supersede: true,
    links: [],
    content: 'digest',
    approvers: ['S0GROUP0001'],
    quorum: 1,
    denyQuorum: 1,
    excluded: [],
    raisedBy: 0,
    requireReason: 'never',
    endsAt: NOON + HOUR,
    onTimeout: 'deny',
    validForMs: 24 * HOUR,
    use: 'once',
    wait: false,
    abandonAfterMs: 2 * MINUTE,
    channel: 'C0RELEASES1',
    mention: [],
    ...change,
  };
}

export function policyOf(change: Partial<GatePolicy> = {}): GatePolicy {
  return {
    approvers: ['S0GROUP0001'],
    quorum: 1,
    denyQuorum: 1,
    allowSelf: false,
    maxTimeoutMs: 8 * HOUR,
    onTimeout: 'deny',
    validForMs: 24 * HOUR,
    use: 'once',
    channels: ['C0RELEASES1'],
    from: [],
    requireReason: 'never',
    unknownRequester: 'raise',
    maxOpen: 50,
    ...change,
  };
}

export function requestOf(change: Partial<OpenRequest> = {}): OpenRequest {
  return {
    gate: 'release',
    key: 'main/app/release/4711',
    title: 'Ship 1.2.3 to production?',
    context: { version: '1.2.3' },
    wait: false,
    origin: ORIGIN,
    ...change,
  };
}

export const NO_ONE = { requester: 'U0OCTOCAT01', barred: [], unknown: [] } as const;

/** What the operator says now: this policy for every gate. */
export function wordOf(
  policy: GatePolicy | undefined,
  people: Readonly<Record<string, string>> = {},
): OperatorsWord {
  return { policyOf: () => policy, people: new Map(Object.entries(people)) };
}

/** A request as a record holds it, with what happened to it. */
export class Story {
  snapshot: Snapshot<Approval>;
  now: number;
  /** The gate's, when it is no longer the one of the opening; or the gate is gone. */
  policy: GatePolicy | 'gone' | undefined;
  /** Who has voted and may no longer. */
  mayNot: readonly string[] = [];
  /** What each event came to, oldest first. */
  readonly refusals: (ApprovalRefusal | undefined)[] = [];

  constructor(terms: Partial<Terms> = {}, now = NOON) {
    const opened = decideApproval(undefined, { type: 'open', terms: termsOf(terms), nonce: 'n0nce' }, now);
    if ('refused' in opened) throw new Error(`not opened: ${opened.refused.code}`);
    this.now = now;
    this.snapshot = {
      id: 'approval/a1b2c3d4e5f6a1b2c3d4e5f6',
      version: 1,
      status: opened.status,
      data: opened.data,
      effects: scheduled([], opened.schedule ?? [], now),
      createdAt: now,
      updatedAt: now,
    };
  }

  get status(): string {
    return this.snapshot.status;
  }

  get data(): Approval {
    return this.snapshot.data;
  }

  /** Keys of what is still to be done. */
  get todo(): readonly string[] {
    return this.snapshot.effects.map(({ key }) => key).toSorted();
  }

  /** When an effect is due, in milliseconds from noon. */
  dueIn(key: string): number | undefined {
    const at = this.snapshot.effects.find((effect) => effect.key === key)?.nextAt;
    return at === undefined ? undefined : at - NOON;
  }

  /** Lets it happen, at a time; the refusal, if it changes nothing. */
  on(event: ApprovalEvent, at = this.now): ApprovalRefusal['code'] | undefined {
    this.now = at;
    const { policy } = this;
    const data =
      policy === undefined
        ? this.data
        : underPolicy(this.data, wordOf(policy === 'gone' ? undefined : policy));
    const change = decideApproval({ ...this.snapshot, data }, event, at);
    const refused = 'refused' in change ? change.refused : undefined;
    this.refusals.push(refused);
    if ('refused' in change) return change.refused.code;
    this.snapshot = {
      ...this.snapshot,
      version: this.snapshot.version + 1,
      status: change.status,
      data: readApproval(writeApproval(change.data)),
      effects: scheduled(this.snapshot.effects, change.schedule ?? [], at),
      updatedAt: at,
    };
    return undefined;
  }

  /** Marks effects as done, as the engine does. */
  done(...keys: readonly string[]): this {
    const effects = this.snapshot.effects.filter(
      ({ key }) => !keys.some((each) => key === each || key.startsWith(`${each}:`)),
    );
    this.snapshot = { ...this.snapshot, effects };
    return this;
  }

  posted(at = this.now): this {
    this.on({ type: 'card_posted', channel: 'C0RELEASES1', ts: '1767355200.000100' }, at);
    return this.done('card');
  }

  vote(user: string, vote: 'approve' | 'deny', at = this.now, reason?: string) {
    const ballot = { user, name: user.slice(2, 5).toLowerCase(), vote, at, actionTs: tsOf(at), reason };
    return this.on({ type: 'vote', ballot, roll: this.roll }, at);
  }

  /** What Slack says now of those who have voted. */
  get roll(): Roll {
    const users = this.data.votes.map((each) => each.user);
    const { mayNot } = this;
    return { may: users.filter((user) => !mayNot.includes(user)), mayNot };
  }

  /** A click that Slack has not yet said about who it is. */
  click(user: string, vote: 'approve' | 'deny', at = this.now, reason?: string) {
    return this.on({ type: 'unresolved', click: { user, vote, at, actionTs: tsOf(at), reason } }, at);
  }

  resolve(user: string, clickedAt: number, eligible: boolean, at = this.now) {
    const verdict = eligible
      ? ({ eligible, name: user, roll: this.roll } as const)
      : ({ eligible, why: 'not_listed' } as const);
    return this.on({ type: 'resolved', user, actionTs: tsOf(clickedAt), verdict }, at);
  }

  claim(
    change: { build?: string; gate?: string; expect?: Record<string, string>; pipeline?: string } = {},
    at = this.now,
  ) {
    const { build, gate = 'release', expect = {}, pipeline = 'app' } = change;
    const origin = { ...ORIGIN, build_id: build ?? '5000', pipeline };
    return this.on({ type: 'claim', claim: { gate, origin, expect } }, at);
  }
}

export function tsOf(at: number): string {
  return (at / 1000).toFixed(6);
}

/** A request that Ana has approved at noon. */
export function approvedStory(terms: Partial<Terms> = {}): Story {
  const story = new Story(terms).posted();
  story.vote(ANA, 'approve');
  return story;
}
