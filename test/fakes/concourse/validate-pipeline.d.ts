import type { Pipeline } from './pipeline.ts';
/** What `fly validate-pipeline` refuses beyond keys and types: names that repeat, dangle or are never used. */
export declare function validatePipeline(pipeline: Pipeline): string[];
