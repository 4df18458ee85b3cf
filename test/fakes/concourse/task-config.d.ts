export interface TaskArtifact {
    readonly name: string;
    readonly path: string;
    readonly optional: boolean;
}
export interface TaskConfig {
    readonly run: {
        readonly path: string;
        readonly args: readonly string[];
        readonly dir: string;
    };
    readonly params: Readonly<Record<string, string>>;
    readonly inputs: readonly TaskArtifact[];
    readonly outputs: readonly TaskArtifact[];
}
/** Reads a task config, embedded or from a file; unknown keys are errors, the image is ignored. */
export declare function parseTaskConfig(value: unknown): TaskConfig;
/** Params of the step override those of the config (OverrideParamsConfigSource). */
export declare function overrideParams(config: unknown, params: Readonly<Record<string, unknown>>): unknown;
