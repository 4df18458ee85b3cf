export interface ProcessSpec {
    readonly path: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
    /** Written to a real pipe that is then closed; without it stdin is already at its end. */
    readonly stdin?: string;
    readonly signal: AbortSignal;
    /** Time between SIGTERM and SIGKILL; 10 s in Concourse (concourse.md 1.8). */
    readonly graceMs: number;
    readonly onStart?: (pid: number) => void;
    readonly onStdout?: (chunk: string) => void;
    readonly onStderr?: (chunk: string) => void;
}
/**
 * Runs one process the way a Concourse container does and resolves with its exit code. When the signal aborts, the
 * process we started (not its children) gets SIGTERM, SIGKILL after the grace, and the promise rejects with the
 * abort's reason whatever the process answered; output of the grace period is still delivered (concourse.md 1.8).
 */
export declare function runProcess(spec: ProcessSpec): Promise<number>;
