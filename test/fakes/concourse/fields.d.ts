import type { Version } from './version.ts';
/**
 * Reads the keys of one object of a pipeline, notes a problem for each wrong type, and knows which keys nobody asked
 * for. As in Go's decoder a null value equals an absent key.
 */
export declare class Fields {
    #private;
    readonly at: string;
    readonly problems: string[];
    constructor(value: unknown, at: string, problems: string[]);
    problem(message: string): void;
    has(key: string): boolean;
    raw(key: string): unknown;
    /** Accepts keys that Concourse knows and this fake has no use for. */
    ignore(...keys: readonly string[]): void;
    string(key: string): string | undefined;
    boolean(key: string): boolean;
    integer(key: string): number | undefined;
    record(key: string): Record<string, unknown> | undefined;
    list(key: string): readonly unknown[];
    strings(key: string): readonly string[];
    stringMap(key: string): Version | undefined;
    /** Reports every key that was not asked for, in the words of `fly validate-pipeline`. */
    refuseUnknown(): void;
}
