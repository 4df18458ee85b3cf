import type { Platform } from './platform.ts';
import type { Version } from './version.ts';
/** One check of one resource. */
export interface CheckRun {
    readonly resource: string;
    readonly status: 'succeeded' | 'failed' | 'errored';
    /** What `check` returned, oldest first. */
    readonly versions: readonly Version[];
    readonly stderr: string;
    readonly stderrRaw: string;
    readonly stdoutRaw: string;
    readonly stdin: string;
    readonly env: Readonly<Record<string, string>>;
    readonly exitCode: number | undefined;
    readonly error: string | undefined;
}
/**
 * Checks from `from`, else from the latest version of the resource's history, and saves what comes back. Any version
 * may be given as `from`, also one that never existed: `fly check-resource --from` does not ask (C24).
 */
export declare function runCheck(platform: Platform, name: string, from?: Version): Promise<CheckRun>;
