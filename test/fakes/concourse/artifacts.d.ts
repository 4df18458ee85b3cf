/** Copies an artifact into a container: what the consumer changes does not reach the original (volumes are COW). */
export declare function mount(artifact: string, target: string): Promise<void>;
/** Text of `artifact/path`, as `load_var` and a task's `file` name it. */
export declare function readArtifactFile(artifacts: ReadonlyMap<string, string>, file: string): Promise<string>;
