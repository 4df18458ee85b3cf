import { Fault } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { refuse } from './params.ts';
import type { Step } from './run-step.ts';
import { parseSource } from './source.ts';

/**
 * The check step. A message is not something that appears by itself: the given version stays the latest, and none is
 * invented (C5). No network, no SDK: this runs about once a minute for every resource that triggers a job.
 */
export const check: Step = async (request) => {
  const parsed = await parseSource(request.source);
  if ('problems' in parsed) refuse(parsed.problems, []);
  else if (parsed.source.gate !== undefined) {
    throw new Fault(
      'NEEDS_LISTENER',
      `gate ${parsed.source.gate} is kept by the listener, which this release does not contain yet`,
      {
        hint: 'remove source.gate; see the changelog for the release that adds the listener',
      },
    );
  }
  return isMessage(request.version) ? [request.version] : [];
};

// Anyone who may check can name any version; a decision that nobody confirms here must not come back as one (C24).
function isMessage(version: unknown): version is Record<string, unknown> {
  return isRecord(version) && Object.keys(version).length > 0 && !('approval' in version);
}
