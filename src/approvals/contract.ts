import { Type } from 'typebox';
import type { Static } from 'typebox';
import { MOST_PEOPLE } from './distinct-people.ts';

// The one contract between the resource and the listener: what /v1 takes and answers. Input to the build, which makes the
// listener's validators from it; the steps import only the types.

const closed = { additionalProperties: false } as const;
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const seconds = Type.Integer({ minimum: 1, maximum: 31_536_000 });
const choice = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values] });
const people = Type.Array(text(200), { minItems: 1, maxItems: MOST_PEOPLE });
const context = Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Type.String({ maxLength: 8192 }), {
  maxProperties: 50,
});

/** The build that asks, as Concourse tells it to the step. Named by whoever holds the token: proof of nothing more. */
export const Origin = Type.Object(
  {
    team: Type.Optional(text(200)),
    pipeline: Type.Optional(text(200)),
    /** JSON of an instanced pipeline's vars, keys sorted. */
    instance_vars: Type.Optional(text(2000)),
    job: Type.Optional(text(200)),
    build_id: Type.Optional(text(200)),
    build_name: Type.Optional(text(200)),
    url: Type.Optional(Type.String({ maxLength: 2000 })),
    created_by: Type.Optional(text(200)),
  },
  closed,
);
export type Origin = Static<typeof Origin>;

/** `POST /v1/approvals` */
export const OpenRequest = Type.Object(
  {
    gate: text(200),
    /** Idempotency: the same key of the same token and pipeline at the same gate is the same request. */
    key: text(500),
    title: text(1000),
    details: Type.Optional(text(8000)),
    context: Type.Optional(context),
    subject: Type.Optional(text(500)),
    supersede: Type.Optional(Type.Boolean()),
    approvers: Type.Optional(people),
    quorum: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    timeout_seconds: Type.Optional(seconds),
    require_reason: Type.Optional(choice(['never', 'deny', 'always'])),
    not_by: Type.Optional(people),
    remind_every_seconds: Type.Optional(seconds),
    wait: Type.Boolean(),
    /** Only with `wait`: it is asked for this build alone. No check lists it, and where it is used once, only this build claims it. */
    for_build: Type.Optional(Type.Boolean()),
    abandon_after_seconds: Type.Optional(seconds),
    channel: Type.Optional(text(200)),
    /** Where the card goes when `channel` is absent and the gate lets it; else it is passed over. */
    preferred_channel: Type.Optional(text(200)),
    mention: Type.Optional(people),
    /** What approvers should see beside the text. */
    links: Type.Optional(
      Type.Array(
        Type.Object(
          {
            title: text(300),
            url: Type.String({ minLength: 1, maxLength: 3000 }),
            note: Type.Optional(text(300)),
          },
          closed,
        ),
        { minItems: 1, maxItems: 20 },
      ),
    ),
    origin: Origin,
  },
  closed,
);
export type OpenRequest = Static<typeof OpenRequest>;

/** `POST /v1/approvals/{id}/detach` (the waiting put is stopping; the same key may come back) and `/withdraw`. */
export const LeaveRequest = Type.Object({ reason: Type.Optional(text(200)), origin: Origin }, closed);
export type LeaveRequest = Static<typeof LeaveRequest>;

/** `POST /v1/claims` */
export const ClaimRequest = Type.Object(
  { approval: text(100), gate: text(200), expect: Type.Optional(context), origin: Origin },
  closed,
);
export type ClaimRequest = Static<typeof ClaimRequest>;

export type ApprovalStatus = 'requested' | 'approved' | 'denied' | 'timed_out' | 'withdrawn' | 'expired';

/**
 * What the listener answers about one approval: to `POST /v1/approvals`, `GET /v1/approvals/{id}` and `POST /v1/claims`.
 * `GET /v1/approvals/{id}?wait=25&seen=3` holds the answer until `revision` is no longer 3, the status is final, or 25 s are
 * over; `&hold=true` says that a put waits, and keeps the request from being abandoned. A token reads what it has asked for
 * itself, unless it may `read_all`. `?scope=` (see `scopeDigest`) says where it is read: elsewhere than where it was asked for is a 409.
 */
export interface ApprovalView {
  readonly approval: string;
  readonly gate: string;
  readonly status: ApprovalStatus;
  /** Grows with every change that a reader may want to see. */
  readonly revision: number;
  readonly title: string;
  readonly context: Readonly<Record<string, string>>;
  readonly subject?: string;
  /** Votes for it so far, of `quorum`. */
  readonly votes: number;
  readonly quorum: number;
  /** Names of `not_by` that stand for nobody in Slack, the first ten: each of all of them raises the quorum by one. */
  readonly unmatched?: readonly string[];
  /** Names of those whose votes decided. */
  readonly approvers: readonly string[];
  readonly reason?: string;
  /** Why it is withdrawn, timed out, approved by timeout: one sentence for the build log. */
  readonly note?: string;
  readonly asked_at: string;
  readonly ends_at: string;
  readonly decided_at?: string;
  readonly valid_until?: string;
  readonly claimed_by?: string;
  /** Whether one build may claim it, or each. */
  readonly use?: 'once' | 'many';
  /** It was asked for by a build that waits for it itself: see `for_build`. */
  readonly for_build?: boolean;
  readonly channel?: string;
  readonly permalink?: string;
}

/**
 * `GET /v1/gates/{gate}/decisions?emit=approved,denied&from={approval}`: decisions that are live, oldest first. With a `from`
 * that is live and known: that one and every later one; otherwise all. Approved means: unexpired and unclaimed. They are those
 * that this token has asked for, unless it may `read_all`, and never those that are `for_build`.
 */
export interface DecisionsView {
  readonly gate: string;
  readonly decisions: readonly { readonly approval: string; readonly status: ApprovalStatus }[];
}

/** Every answer of /v1 with a status of 400 or more. */
export interface ErrorView {
  readonly error: {
    readonly code:
      | 'invalid'
      | 'unauthorized'
      | 'forbidden'
      | 'not_found'
      | 'conflict'
      | 'too_many_open'
      | 'rate_limited'
      | 'unavailable';
    /** One sentence for the build log. */
    readonly message: string;
    readonly hint?: string;
  };
}
