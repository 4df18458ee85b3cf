/** A resource version: a flat map of strings (Go's `map[string]string`). */
export type Version = Readonly<Record<string, string>>;
/** One line of metadata, as the step shows it. */
export interface MetadataField {
    readonly name: string;
    readonly value: string;
}
/** Identity of a version: sha256 of its JSON with sorted keys, so key order is irrelevant (concourse.md 1.1). */
export declare function versionHash(version: Version): string;
/** True when every key of the pin stands in the version (`@>`: a pin matches by subset, concourse.md 1.2). */
export declare function matchesPin(version: Version, pin: Version): boolean;
