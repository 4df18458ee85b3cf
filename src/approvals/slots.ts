import type { Change, Machine, Refusal, Snapshot } from '../durable/machine.ts';
import type { JsonObject } from '../store/store.ts';

/** A request that is open, or about to be opened. */
export interface Slot {
  /** Of the approval, without `approval/`. */
  readonly id: string;
  readonly at: number;
  /** Id of the subject's record. */
  readonly subject?: string | undefined;
  /** It withdraws the older ones of its subject. */
  readonly supersedes?: boolean | undefined;
}

/** The open requests of one gate or of one token, oldest first. */
export interface Slots {
  readonly taken: readonly Slot[];
}

export type SlotsEvent =
  | { readonly type: 'take'; readonly slot: Slot; readonly most: number }
  | { readonly type: 'leave'; readonly ids: readonly string[] };

/** `full`: no place for one more. `known`: nothing to change. */
export type SlotsRefusal = 'full' | 'known';

/** As many fit into one record: no configuration may allow more. */
export const MOST_SLOTS = 500;

/**
 * The record that counts the open requests of a gate or a token. A request is in it before it is opened, and leaves it after
 * it has ended: at no moment are more open than it says, on however many replicas.
 */
export const slotsMachine: Machine<Slots, SlotsEvent, SlotsRefusal> = {
  kind: 'slots',
  schema: 1,
  parse: (data) => {
    if (!isSlots(data)) throw new Error('not the data of slots');
    return data;
  },
  write: (slots) => ({ ...slots }),
  decide: (current, event) => (event.type === 'take' ? taken(current, event) : left(current, event)),
  effects: {},
};

/** The id of the record of a gate or a token. */
export function slotsId(of: 'gate' | 'token', name: string): string {
  return `slots/${of}/${name}`;
}

function taken(
  current: Snapshot<Slots> | undefined,
  { slot, most }: SlotsEvent & { type: 'take' },
): Change<Slots> | Refusal<SlotsRefusal> {
  const before = current?.data.taken ?? [];
  if (before.some(({ id }) => id === slot.id)) return { refused: 'known' };
  const all = [...before, slot];
  const count = countOf(all);
  // What takes the place of another makes the count no higher, also where the limit was lowered since.
  const isFull = count > most && count > countOf(before);
  if (isFull || all.length > MOST_SLOTS) return { refused: 'full' };
  return { status: 'open', data: { taken: all } };
}

function left(
  current: Snapshot<Slots> | undefined,
  { ids }: SlotsEvent & { type: 'leave' },
): Change<Slots> | Refusal<SlotsRefusal> {
  const before = current?.data.taken ?? [];
  const rest = before.filter(({ id }) => !ids.includes(id));
  return rest.length === before.length ? { refused: 'known' } : { status: 'open', data: { taken: rest } };
}

// What a newer one has superseded is as good as withdrawn.
function countOf(slots: readonly Slot[]): number {
  const superseded = new Set<string>();
  let count = 0;
  for (const { subject, supersedes } of slots.toReversed()) {
    if (subject === undefined || !superseded.has(subject)) count += 1;
    if (subject !== undefined && supersedes === true) superseded.add(subject);
  }
  return count;
}

function isSlots(data: JsonObject): data is JsonObject & Slots {
  return Array.isArray(data['taken']);
}
