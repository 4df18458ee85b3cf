/** A JSON object, as it is kept. */
export type JsonObject = { readonly [key: string]: unknown };

/** Something that must still be done for a record; `durable/` knows what the fields mean, a store only keeps them. */
export interface StoredEffect {
  /** Unique within its record: `card`, `timeout`, `line:3`. */
  readonly key: string;
  /** Grows when the effect is asked for again while it is being run. */
  readonly generation: number;
  readonly attempts: number;
  /** Milliseconds since the epoch: not before. */
  readonly nextAt: number;
  readonly lease?: { readonly owner: string; readonly until: number } | undefined;
  readonly data?: JsonObject | undefined;
  readonly lastError?: string | undefined;
}

/** One step of a record's history, chained to the one before by `mac`. */
export interface AuditItem {
  readonly record: string;
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  readonly at: number;
  readonly entry: JsonObject;
  readonly mac: string;
}

/** One item of the store: a state, what must still be done for it, and the end of its audit chain. */
export interface StoredRecord {
  /** `approval/4f1c…`, `gate/release` */
  readonly id: string;
  readonly kind: string;
  /** Version of the form of `data`; a newer one than the program knows is left alone. */
  readonly schema: number;
  /** Grows by one with every save; the first is 1. */
  readonly version: number;
  readonly status: string;
  readonly data: JsonObject;
  readonly effects: readonly StoredEffect[];
  readonly audit: {
    readonly seq: number;
    readonly head: string;
    /** MAC over state and data: what was changed past the listener shows. */
    readonly seal?: string | undefined;
    /** Entries that may not be stored as items yet. */
    readonly pending: readonly AuditItem[];
  };
  /** The earliest `nextAt` of the effects (a lease counts from its end), absent when there are none. */
  readonly dueAt?: number | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** In which epoch of the store it was saved; absent in the first. */
  readonly epoch?: number | undefined;
}

export interface Page {
  readonly records: readonly StoredRecord[];
  /** Given back to `list` for what follows, also after an empty page; absent at the end. */
  readonly next?: string | undefined;
}

/** A key that a change is saved with, for `save`. */
export interface SavedOnce {
  readonly key: string;
  /** Who saves: a key that was remembered for the same owner is no obstacle. */
  readonly owner: string;
  readonly until: number;
  readonly now: number;
}

export interface ListFilter {
  readonly kind?: string | undefined;
  readonly status?: string | undefined;
}

/**
 * Where records live. Every method rejects with a Fault STORE_UNAVAILABLE when the store is locked, unreachable or throttled:
 * the caller then knows nothing about what happened and reads again. Nothing else is retried inside.
 */
export interface Store {
  /** The newest state, read consistently. */
  read(id: string): Promise<StoredRecord | undefined>;
  /**
   * Writes the record if what is stored has the version `record.version - 1` (for version 1: nothing is stored). When it
   * resolves to `saved`, the write has reached the disk.
   *
   * With `once`, `saved` also means that its key is remembered. A key that is remembered already, for another owner, makes it
   * `repeated`: nothing is written. After `conflict` or a rejection the key may be remembered for its owner.
   */
  save(record: StoredRecord, once?: SavedOnce): Promise<'saved' | 'conflict' | 'repeated'>;
  /** Up to `limit` ids whose `dueAt` is not after `now`, the longest due first as far as the store can tell. */
  due(now: number, limit: number): Promise<readonly string[]>;
  /** Records in a stable order, a page at a time. */
  list(filter: ListFilter, next?: string): Promise<Page>;
  /** Keeps audit entries; an entry that is there already with the same `mac` is left, another `mac` is a Fault STORE_CORRUPT. */
  putAudit(items: readonly AuditItem[]): Promise<void>;
  /** The entries of one record, by `seq`. */
  readAudit(record: string): Promise<readonly AuditItem[]>;
  /**
   * True the first time for a key, false while it is remembered: until `until`. True as well for an owner whose `save` has
   * remembered it without being `saved`.
   */
  remember(key: string, until: number, now: number, owner?: string): Promise<boolean>;
  close(): Promise<void>;
}
