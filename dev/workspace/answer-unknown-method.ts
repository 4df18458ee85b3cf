import type { SlackAnswer } from './slack-api.ts';

// Slack answers a method it does not have with HTTP 200 and `unknown_method`; emulate 0.12.2 with HTTP 404, which a client
// must take for a broken network path and may retry (S37).
const UNKNOWN = JSON.stringify({ ok: false, error: 'unknown_method' });

/** Says `unknown_method` the way Slack does. */
export function answerUnknownMethod(answer: SlackAnswer): SlackAnswer {
  return answer.status === 404 ? { status: 200, body: UNKNOWN } : answer;
}
