import type { BuildRecord } from './build-record.ts';
import type { Platform } from './platform.ts';
/** Runs the plan of a build to its end: an error anywhere makes it orange, an abort brown (atc/engine). */
export declare function runBuild(platform: Platform, build: BuildRecord): Promise<void>;
