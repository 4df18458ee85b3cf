import type { StepName } from '../../support/step.ts';
import type { World, WorldOptions } from '../../support/world.ts';

/** Something that authors of pipelines get wrong, and the request that shows it. */
export interface Mistake {
  /** The name of its golden file. */
  readonly name: string;
  /** Default `out`. */
  readonly step?: StepName;
  /** Laid over the world's source, maps into maps; `undefined` removes a key, `null` is sent as it is. */
  readonly source?: Readonly<Record<string, unknown>> | null;
  readonly params?: unknown;
  readonly version?: unknown;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Further environment of the build. */
  readonly env?: Readonly<Record<string, string>>;
  readonly world?: WorldOptions;
  readonly prepare?: (world: World) => void;
  /** Default 1. */
  readonly code?: number;
  /** How many messages stand in Slack afterwards; default 0. */
  readonly posted?: number;
}
