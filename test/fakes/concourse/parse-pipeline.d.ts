import type { Pipeline } from './pipeline.ts';
/**
 * Reads a pipeline file as `fly set-pipeline` does: `flyVars` are filled in first and other `((vars))` kept, unknown
 * keys and dangling names are errors, all reported together. Extra top-level keys (homes of YAML anchors) are allowed.
 */
export declare function parsePipeline(pipeline: string | Readonly<Record<string, unknown>>, flyVars?: Readonly<Record<string, unknown>>): Pipeline;
/** YAML as Concourse's Go library reads it: merge keys work, and `yes`, `no`, `on`, `off` are booleans. */
export declare function parseYaml(text: string): unknown;
