import type { MakeFeature } from './parts.ts';
import { slackFeature } from './slack-feature.ts';

/** Everything the listener does beside being healthy. Started in this order, stopped in the other. */
export const features: readonly MakeFeature[] = [slackFeature];
