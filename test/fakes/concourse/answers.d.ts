import type { MetadataField, Version } from './version.ts';
/** What `in` and `out` answer. */
export interface VersionResult {
    readonly version: Version;
    readonly metadata: readonly MetadataField[];
}
/** The versions `check` printed. Empty stdout and `null` mean none (8.3); anything but a list of maps is an error. */
export declare function decodeCheck(stdout: string): Version[];
/** The answer of `in` or `out`; a missing, null or unprinted version is "output a null version" (concourse.md 1.1). */
export declare function decodeResult(stdout: string, script: string): VersionResult;
