import type { Clock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import type { Http } from '../kit/http.ts';
import { createSlack } from '../slack/client.ts';
import type { Slack } from '../slack/client.ts';
import type { SlackConfig } from './config/config.ts';
import type { ListenerLog } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface SlackPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: ListenerLog;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

const REFUSED_TOKEN = /: (?:invalid_auth|not_authed|token_revoked|token_expired|account_inactive)\b/;

/** The Web API with the listener's own token. A token that Slack refuses is read again where it comes from, and tried once more. */
export function openSlack(config: SlackConfig, { http, metrics, ...ports }: SlackPorts): Slack {
  const counted: Http = async (request) => {
    const response = await http(request);
    if (response.status === 429) metrics.count('listener_slack_rate_limited_total', {});
    return response;
  };
  const slack = createSlack({ token: config.botToken, apiUrl: config.apiUrl }, { ...ports, http: counted });
  return {
    async call(method, args, rule) {
      try {
        return await slack.call(method, args, rule);
      } catch (error) {
        const refused = error instanceof Fault && REFUSED_TOKEN.test(error.message);
        if (!refused || !(await config.botToken.renew())) throw error;
        return slack.call(method, args, rule);
      }
    },
  };
}
