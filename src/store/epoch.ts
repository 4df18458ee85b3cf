/** How often a store was restored: records of an earlier epoch need a look before anything is done for them. */
export interface Epoch {
  /** 1 for a store that was never restored. */
  readEpoch(): Promise<number>;
  /** The next epoch, on the disk when it resolves. */
  bumpEpoch(): Promise<number>;
}
