/** True for a JSON object: not null, not a list. */
export declare function isRecord(value: unknown): value is Record<string, unknown>;
