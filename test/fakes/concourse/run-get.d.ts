import type { StepContext } from './platform.ts';
import type { Version } from './version.ts';
export interface GetRequest {
    readonly name: string;
    readonly resource: string;
    readonly params: Readonly<Record<string, unknown>> | undefined;
    readonly version: Version;
    readonly timeoutMs: number | undefined;
    /** The get that follows a put. */
    readonly implicit: boolean;
}
/** A get, explicit or after a put: from the cache, else by `in`; its metadata become `((.:name.key))`. */
export declare function runGet(context: StepContext, request: GetRequest): Promise<boolean>;
/** The request of any script: `source` always, empty `params` and `version` left out (`omitempty`, concourse.md 1.1). */
export declare function encodeRequest(request: {
    readonly source: unknown;
    readonly params?: unknown;
    readonly version?: Version | undefined;
}): string;
