/** The body of a request to open an approval, as the contract has it. */
export interface OpenBody {
  readonly gate: string;
  readonly key: string;
  readonly title: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  readonly quorum?: number;
  readonly wait: boolean;
  readonly for_build?: boolean;
  readonly channel?: string;
  readonly preferred_channel?: string;
  readonly subject?: string;
  readonly origin: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export type FakeStatus = 'requested' | 'approved' | 'denied' | 'timed_out' | 'withdrawn' | 'expired';

export interface FakeDecision {
  readonly status: Exclude<FakeStatus, 'requested'>;
  readonly by?: readonly string[];
  readonly reason?: string;
  readonly note?: string;
}

/** A request and what became of it. */
export class FakeApproval {
  readonly id: string;
  readonly body: OpenBody;
  readonly use: 'once' | 'many';
  readonly askedAt = Date.now();
  status: FakeStatus = 'requested';
  revision = 1;
  voters: string[] = [];
  reason: string | undefined;
  note: string | undefined;
  decidedAt: number | undefined;
  claimedBy: string | undefined;
  /** Why the waiting put has left, until it comes back. */
  detached: string | undefined;
  /** Long polls that hold it at this moment. */
  holding = 0;

  constructor(id: string, body: OpenBody, use: 'once' | 'many' = 'once') {
    this.id = id;
    this.use = use;
    this.body = body;
  }

  get endsAt(): number {
    return this.askedAt + (this.body.timeout_seconds ?? 7200) * 1000;
  }

  /** Live: what a check may report. */
  get live(): boolean {
    if (this.status === 'requested' || this.status === 'expired' || this.body.for_build === true)
      return false;
    return this.status !== 'approved' || this.claimedBy === undefined;
  }

  view(): Record<string, unknown> {
    const { body } = this;
    const view = {
      approval: this.id,
      gate: body.gate,
      status: this.status,
      revision: this.revision,
      title: body.title,
      context: body.context ?? {},
      subject: body.subject,
      votes: this.voters.length,
      quorum: body.quorum ?? 1,
      approvers: this.voters,
      reason: this.reason,
      note: this.note,
      asked_at: iso(this.askedAt),
      ends_at: iso(this.endsAt),
      decided_at: this.decidedAt === undefined ? undefined : iso(this.decidedAt),
      valid_until:
        this.decidedAt === undefined || this.status !== 'approved'
          ? undefined
          : iso(this.decidedAt + 3_600_000),
      claimed_by: this.claimedBy,
      use: this.use,
      for_build: body.for_build,
      channel: body.channel ?? body.preferred_channel ?? 'C0GATE00001',
      permalink: `https://fake.slack.com/archives/C0GATE00001/p${this.askedAt}`,
    };
    return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined));
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
