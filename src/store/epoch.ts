/** Which life a store is in: what a record of an earlier one says may have changed after the backup it comes from. */
export interface Epoch {
  /** 1 for a store that was never restored, else when it was restored last, in milliseconds since the epoch. */
  readEpoch(): Promise<number>;
  /** Begins the next one, at `now` and in any case after the one before; on the disk when it resolves. */
  bumpEpoch(now: number): Promise<number>;
}
