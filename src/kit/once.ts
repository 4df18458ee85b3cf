/** A request that may come more than once and counts once: it is remembered with the first change that is saved for it. */
export interface Once {
  /** Names the request wherever, and however often, it turns up. */
  readonly key: string;
  /** Names this arrival of it: its own tries do not stand in each other's way. */
  readonly owner: string;
  /** Milliseconds since the epoch: later it cannot come again. */
  readonly until: number;
  /** Told what came of it: `kept` with a change, or `repeated`: it came before, and nothing was changed. */
  readonly ended: (as: 'kept' | 'repeated') => void;
}
