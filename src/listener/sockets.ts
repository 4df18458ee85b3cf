import { createHttp } from '../kit/http.ts';
import type { LiveSecret } from '../kit/live-secret.ts';
import type { Intake } from '../slack/intake.ts';
import type { SocketMode } from '../slack/socket-mode.ts';
import type { SlackConfig } from './config/config.ts';
import { openSlack } from './open-slack.ts';
import type { Parts } from './parts.ts';
import type { Check } from './readiness.ts';

export interface Sockets {
  start(): Promise<void>;
  /** Finishes and acknowledges what has come. */
  close(): Promise<void>;
  /** One socket that is open is enough to be ready. */
  readonly check: Check;
}

const GRACE_MS = 5000;

/** The sockets of Socket Mode, loaded and opened when the configuration asks for them; a worker takes no clicks. */
export function createSockets(
  slack: SlackConfig,
  parts: Parts,
  deliver: Intake['deliver'],
): Sockets | undefined {
  const { appToken, mode } = slack;
  if (mode === 'http' || appToken === undefined || parts.config.role === 'worker') return undefined;
  let sockets: SocketMode | undefined;
  return {
    async start() {
      sockets = await open(slack, appToken, parts, deliver);
      sockets.start();
    },
    close: async () => sockets?.close(GRACE_MS),
    check: () => Promise.resolve(sockets?.live() ? undefined : 'no socket to Slack is open'),
  };
}

async function open(
  slack: SlackConfig,
  appToken: LiveSecret,
  parts: Parts,
  deliver: Intake['deliver'],
): Promise<SocketMode> {
  const [{ createSocketMode }, { createLines }] = await Promise.all([
    import('../slack/socket-mode.ts'),
    import('../slack/web-socket.ts'),
  ]);
  const { clock, env, log, metrics } = parts;
  return createSocketMode({
    slack: openSlack({ ...slack, botToken: appToken }, { ...parts, http: createHttp(env) }),
    apiUrl: slack.apiUrl,
    open: createLines(env),
    deliver,
    clock,
    log,
    observe(event) {
      if (event.kind === 'live') metrics.set('listener_slack_socket_connections', {}, event.count);
      if (event.kind === 'unacknowledged')
        metrics.count('listener_slack_refused_total', { reason: event.kind });
    },
  });
}
