import type { Change, Machine, Refusal, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';
import type { ApprovalState } from './record.ts';

/** One decision of a gate, as check needs it. */
export interface GateEntry {
  /** The gate's own count: the order of check. */
  readonly seq: number;
  readonly approval: string;
  readonly status: Exclude<ApprovalState, 'open'>;
  /** Of the approval when it said so: an older message changes nothing. */
  readonly revision: number;
  readonly until: number;
  /** A build has claimed it. */
  readonly used: boolean;
}

export interface Gate {
  readonly seq: number;
  readonly decisions: readonly GateEntry[];
}

export interface GateEvent {
  readonly type: 'decided';
  readonly entry: Omit<GateEntry, 'seq'>;
}

const MOST_DECISIONS = 200;

/**
 * The record of a gate: its last 200 decisions in order, read consistently, so that no index can make a check skip one.
 * Approvals that still count are the last to leave it.
 */
export const gateMachine: Machine<Gate, GateEvent, 'known'> = {
  kind: 'gate',
  schema: 1,
  parse: (data) => {
    if (!isGate(data)) throw new Error('not the data of a gate');
    return data;
  },
  write: (gate) => ({ ...gate }),
  decide: decided,
  effects: {},
};

/** The id of a gate's record. */
export function gateId(gate: string): string {
  return `gate/${gate}`;
}

function decided(
  current: Snapshot<Gate> | undefined,
  { entry }: GateEvent,
  now: number,
): Change<Gate> | Refusal<'known'> {
  const { seq, decisions } = current?.data ?? { seq: 0, decisions: [] };
  const before = decisions.find(({ approval }) => approval === entry.approval);
  if (before !== undefined && before.revision >= entry.revision) return { refused: 'known' };
  if (before !== undefined && before.status === entry.status) {
    const same = decisions.map((each) => (each === before ? { ...entry, seq: before.seq } : each));
    return { status: 'open', data: { seq, decisions: same } };
  }
  const others = decisions.filter((each) => each !== before);
  return {
    status: 'open',
    data: { seq: seq + 1, decisions: fitting([...others, { ...entry, seq: seq + 1 }], now) },
  };
}

// A request that is opened and withdrawn costs its token nothing: a crowd of them takes the place of no approval that counts.
function fitting(decisions: readonly GateEntry[], now: number): readonly GateEntry[] {
  if (decisions.length <= MOST_DECISIONS) return decisions;
  const opens = ({ status, used, until }: GateEntry) => status === 'approved' && !used && until > now;
  const least = decisions.findIndex((each) => !opens(each));
  return decisions.toSpliced(Math.max(least, 0), 1);
}

function isGate(data: JsonObject): data is JsonObject & Gate {
  return typeof data['seq'] === 'number' && Array.isArray(data['decisions']);
}
