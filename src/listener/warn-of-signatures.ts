import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { IntakeEvent } from '../slack/intake.ts';

/** Others who sign wrongly fill no log. */
const EVERY_MS = 60_000;
const WARNING =
  'a request to an address of Slack was signed with none of our signing secrets: is slack.signing_secret (or that of slack.pipeline_app) the Signing Secret that the page of the app shows under Basic Information?';

/** Warns, at most once a minute, of what a wrong signing secret looks like: nothing that is clicked counts. */
export function warnOfSignatures(log: Log, clock: Pick<Clock, 'now'>): (event: IntakeEvent) => void {
  let last = -Infinity;
  return (event) => {
    if (event.kind !== 'refused' || event.reason !== 'wrong_signature') return;
    if (clock.now() - last < EVERY_MS) return;
    last = clock.now();
    log.warn(WARNING);
  };
}
