import type { Records } from '../durable/keeper.ts';
import type { DecisionsView } from './contract.ts';
import { gateId } from './gate.ts';
import type { Gate, GateEntry, GateEvent } from './gate.ts';
import { recordId } from './machine.ts';
import type { Approvals } from './machine.ts';
import { statusAt } from './view.ts';

/** What a check asks for. */
export interface Wish {
  readonly emit: ReadonlySet<string>;
  readonly from: string | undefined;
  /** The token whose requests they are; undefined for everybody's. */
  readonly token: string | undefined;
}

interface Asked {
  readonly gate: string;
  readonly token: string | undefined;
}

/**
 * The decisions of a gate that count now, in its order: from the given one on, where that is one of them, else all. Each is
 * confirmed by its own record, so that what was used, taken back or has run out in this moment is not among them.
 */
export async function liveDecisions(
  gate: string,
  wish: Wish,
  ports: {
    readonly gates: Records<Gate, GateEvent, 'known'>;
    readonly approvals: Approvals;
    readonly now: number;
  },
): Promise<DecisionsView['decisions']> {
  const record = await ports.gates.read(gateId(gate));
  const { emit, from, token } = wish;
  const asked = { gate, token };
  const entries = (record?.data.decisions ?? [])
    .filter((entry) => emit.has(entry.status) && entry.until > ports.now && !entry.used)
    .toSorted((a, b) => a.seq - b.seq);
  const start = entries.findIndex(({ approval }) => approval === from);
  const first = entries[start];
  // The older ones are old news, as long as the given one counts itself.
  const wanted = first !== undefined && (await isLive(first, asked, ports)) ? entries.slice(start) : entries;
  const confirmed = await Promise.all(
    wanted.map(async (entry) => ((await isLive(entry, asked, ports)) ? entry : undefined)),
  );
  return confirmed.flatMap((entry) => (entry ? [{ approval: entry.approval, status: entry.status }] : []));
}

async function isLive(
  { approval, status }: GateEntry,
  { gate, token }: Asked,
  { approvals, now }: { readonly approvals: Approvals; readonly now: number },
): Promise<boolean> {
  const snapshot = await approvals.read(recordId(approval));
  if (snapshot === undefined) return false;
  const { terms, claim } = snapshot.data;
  if (terms.gate !== gate || (token !== undefined && terms.token !== token)) return false;
  // No other build may use it.
  const isTaken = terms.forBuild === true || (claim !== undefined && terms.use === 'once');
  return statusAt(snapshot.status, snapshot.data, now) === status && !isTaken;
}
