import type { Records } from '../durable/keeper.ts';
import type { Clock } from '../kit/clock.ts';
import { createInTurn } from '../kit/in-turn.ts';
import { recordId } from './machine.ts';
import type { Approvals } from './machine.ts';
import type { Terms } from './record.ts';
import { slotsId } from './slots.ts';
import type { Slot, Slots, SlotsEvent, SlotsRefusal } from './slots.ts';
import { subjectId } from './subject.ts';

/** How many requests may be open at once. */
export interface MostOpen {
  readonly token: number;
  readonly gate: number;
}

/** Counts the open requests of each token and each gate, in the store. */
export interface OpenSlots {
  /** Takes the place of a request that is about to be opened, and names what is full instead. Asking again changes nothing. */
  take(id: string, terms: Terms, most: MostOpen): Promise<keyof MostOpen | undefined>;
  /** Gives the place of a request back that is no longer open. */
  leave(id: string, terms: Terms): Promise<void>;
}

export interface SlotPorts {
  readonly slots: Records<Slots, SlotsEvent, SlotsRefusal>;
  readonly approvals: Pick<Approvals, 'read'>;
  readonly clock: Clock;
}

/** A request whose place was taken is opened in less; after this its process has ended in between. */
const OPENING_MS = 60_000;
/** A full record is looked through for places that nobody needs at most so often. */
const LOOK_MS = 5000;
const MOST_LOOKS = 1000;

export function createOpenSlots(ports: SlotPorts): OpenSlots {
  const { slots, clock } = ports;
  // Those of one process need not compete for the record.
  const inTurn = createInTurn();
  const looked = new Map<string, number>();

  const unused = async (record: string): Promise<readonly string[]> => {
    const now = clock.now();
    if (now - (looked.get(record) ?? -Infinity) < LOOK_MS) return [];
    if (looked.size >= MOST_LOOKS) looked.clear();
    looked.set(record, now);
    const taken = (await slots.read(record))?.data.taken ?? [];
    const found = await Promise.all(taken.map(async (slot) => ((await isUsed(slot, ports)) ? [] : slot.id)));
    return found.flat();
  };

  const enter = (record: string, slot: Slot, most: number): Promise<boolean> =>
    inTurn(record, async () => {
      const event: SlotsEvent = { type: 'take', slot, most };
      if ((await slots.send(record, event)).refused !== 'full') return true;
      const ids = await unused(record);
      if (ids.length === 0) return false;
      await slots.send(record, { type: 'leave', ids });
      return (await slots.send(record, event)).refused !== 'full';
    });

  const exit = async (record: string, id: string): Promise<void> => {
    await inTurn(record, () => slots.send(record, { type: 'leave', ids: [id] }));
  };

  return {
    async take(id, terms, most) {
      const { subject, supersede: supersedes } = terms;
      const about = subject === undefined ? {} : { subject: subjectId(terms), supersedes };
      const slot: Slot = { id, at: clock.now(), ...about };
      const ofToken = slotsId('token', terms.token);
      if (!(await enter(ofToken, slot, most.token))) return 'token';
      if (await enter(slotsId('gate', terms.gate), slot, most.gate)) return undefined;
      await exit(ofToken, id);
      return 'gate';
    },
    async leave(id, terms) {
      await Promise.all([exit(slotsId('token', terms.token), id), exit(slotsId('gate', terms.gate), id)]);
    },
  };
}

// The process may have ended before it opened the request, or before it could say that it is over.
async function isUsed({ id, at }: Slot, { approvals, clock }: SlotPorts): Promise<boolean> {
  const snapshot = await approvals.read(recordId(id));
  return snapshot === undefined ? clock.now() - at < OPENING_MS : snapshot.status === 'open';
}
