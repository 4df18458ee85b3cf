import type { CommandProblem } from './command.ts';
import type { EventProblem } from './event.ts';
import type { InteractionProblem } from './interaction.ts';
import type { SignatureProblem } from './signature.ts';

/** Every reason why a request to Slack's addresses is refused. */
export type IntakeProblem =
  | SignatureProblem
  | InteractionProblem
  | CommandProblem
  | EventProblem
  | 'wrong_method'
  | 'wrong_type'
  | 'replayed'
  | 'wrong_app'
  | 'wrong_team'
  | 'home_unknown';

const SENTENCES: Readonly<Record<IntakeProblem, readonly [number, string]>> = {
  wrong_method: [405, 'only POST is taken here'],
  wrong_type: [415, 'the content type is not the one that Slack uses here'],
  too_large: [413, 'the body is too long'],
  no_secret: [401, 'no signing secret is configured'],
  no_timestamp: [401, 'the header x-slack-request-timestamp is missing'],
  bad_timestamp: [401, 'the header x-slack-request-timestamp is no number of seconds'],
  stale: [401, 'the timestamp is more than five minutes old'],
  future: [401, 'the timestamp is more than five minutes ahead'],
  no_signature: [401, 'the header x-slack-signature is missing'],
  bad_signature: [401, 'the header x-slack-signature has another form than v0'],
  wrong_signature: [401, 'the signature does not fit the body'],
  replayed: [409, 'this request came before'],
  not_utf8: [400, 'the body is not UTF-8'],
  bad_encoding: [400, 'the form is not well encoded'],
  repeated_field: [400, 'a field of the form comes twice'],
  ssl_check: [400, 'ssl_check stands beside other fields'],
  no_payload: [400, 'the form has no payload'],
  not_json: [400, 'the payload is not JSON'],
  not_an_object: [400, 'the payload is not an object'],
  too_deep: [400, 'the payload is nested too deep'],
  forbidden_key: [400, 'the payload has a key that is not taken'],
  incomplete: [400, 'the payload lacks what its type needs'],
  wrong_app: [403, 'it does not come from the app whose secret signed it'],
  wrong_team: [403, 'it does not come from the workspace of this listener'],
  home_unknown: [503, 'the workspace of this listener is not known yet'],
};

/** The HTTP status and the one plain sentence for a refusal. */
export function sentenceFor(problem: IntakeProblem): { readonly status: number; readonly sentence: string } {
  const [status, sentence] = SENTENCES[problem];
  return { status, sentence };
}
