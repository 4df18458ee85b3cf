import { isRecord } from '../kit/json.ts';
import { refuse } from './params.ts';
import type { Step } from './run-step.ts';
import { parseSource } from './source.ts';

/**
 * The check step. A message is not something that appears by itself: the given version stays the latest, and none is
 * invented (C5). No network, no SDK: this runs about once a minute for every resource that triggers a job. Only decisions
 * are asked for at the listener: anyone who may check can name any version, and none comes back that nobody has confirmed (C24).
 */
export const check: Step = async (request, context) => {
  const parsed = await parseSource(request.source);
  if ('problems' in parsed) {
    refuse(parsed.problems, []);
    return [];
  }
  const { source } = parsed;
  const version = isRecord(request.version) ? request.version : {};
  if (source.gate !== undefined) {
    const { checkGate } = await import('./check-decisions.ts');
    return checkGate(source.gate, version, source, context);
  }
  if ('approval' in version) {
    const { confirmedVersion } = await import('./check-decisions.ts');
    return confirmedVersion(version, source, context);
  }
  return Object.keys(version).length > 0 ? [version] : [];
};
