import type { Records } from '../durable/keeper.ts';
import type { DecisionsView } from './contract.ts';
import { gateId } from './gate.ts';
import type { Gate, GateEntry, GateEvent } from './gate.ts';
import { recordId } from './machine.ts';
import type { Approvals } from './machine.ts';
import { statusAt } from './view.ts';

/**
 * The decisions of a gate that count now, in its order: from the given one on, where that is one of them, else all. Each is
 * confirmed by its own record, so that what was used, taken back or has run out in this moment is not among them.
 */
export async function liveDecisions(
  gate: string,
  wish: { readonly emit: ReadonlySet<string>; readonly from: string | undefined },
  ports: {
    readonly gates: Records<Gate, GateEvent, 'known'>;
    readonly approvals: Approvals;
    readonly now: number;
  },
): Promise<DecisionsView['decisions']> {
  const record = await ports.gates.read(gateId(gate));
  const { emit, from } = wish;
  const entries = (record?.data.decisions ?? [])
    .filter((entry) => emit.has(entry.status) && entry.until > ports.now && !entry.used)
    .toSorted((a, b) => a.seq - b.seq);
  const start = entries.findIndex(({ approval }) => approval === from);
  const first = entries[start];
  // The older ones are old news, as long as the given one counts itself.
  const wanted = first !== undefined && (await isLive(first, gate, ports)) ? entries.slice(start) : entries;
  const confirmed = await Promise.all(
    wanted.map(async (entry) => ((await isLive(entry, gate, ports)) ? entry : undefined)),
  );
  return confirmed.flatMap((entry) => (entry ? [{ approval: entry.approval, status: entry.status }] : []));
}

async function isLive(
  { approval, status }: GateEntry,
  gate: string,
  { approvals, now }: { readonly approvals: Approvals; readonly now: number },
): Promise<boolean> {
  const snapshot = await approvals.read(recordId(approval));
  if (snapshot === undefined || snapshot.data.terms.gate !== gate) return false;
  const isSpent = snapshot.data.claim !== undefined && snapshot.data.terms.use === 'once';
  return statusAt(snapshot.status, snapshot.data, now) === status && !isSpent;
}
