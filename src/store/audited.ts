/** Which records have a history, also where the record itself is gone. */
export interface Audited {
  /** Ids with audit entries, a page at a time; an id may come more than once. */
  auditedIds(next?: string): Promise<{
    readonly ids: readonly string[];
    /** Given back for what follows, also after an empty page; absent at the end. */
    readonly next?: string | undefined;
  }>;
}
