/** What the operator says about one gate. A request can only narrow it. Durations in milliseconds. */
export interface GatePolicy {
  /** Slack users (`U…`, `W…`), user groups (`S…`) and e-mail addresses; or the request names them itself. */
  readonly approvers: readonly string[] | 'from_pipeline';
  /** How many must approve; at least 1. */
  readonly quorum: number;
  /** How many denials end it; at least 1. */
  readonly denyQuorum: number;
  /** Whether the requester may approve. */
  readonly allowSelf: boolean;
  /** A request stays open no longer; it is also the default. */
  readonly maxTimeoutMs: number;
  readonly onTimeout: 'deny' | 'approve';
  /** How long an approval may be used. */
  readonly validForMs: number;
  /** `once`: the first build to claim it wins. */
  readonly use: 'once' | 'many';
  /** Channel ids cards may be posted to; the first is the default. Empty: any, and the request must name one. */
  readonly channels: readonly string[];
  /** `team/pipeline` patterns that may ask; empty: any. `*` stands for any text without a slash. */
  readonly from: readonly string[];
  readonly requireReason: 'never' | 'deny' | 'always';
  /** What an unknown requester means while self-approval is banned: `raise` asks for one vote more. */
  readonly unknownRequester: 'raise' | 'allow';
  /** How many of its requests may be open at once. */
  readonly maxOpen: number;
  readonly remindEveryMs?: number | undefined;
}
