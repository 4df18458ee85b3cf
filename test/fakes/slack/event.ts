import { enterprise, teamId } from './apps.ts';
import type { SlackApp } from './apps.ts';
import type { Deliver } from './click.ts';
import type { Delivery, Tampering } from './interactions/deliver.ts';
import { isOrg } from './origin.ts';
import { appOf } from './people.ts';
import type { Workspace } from './workspace.ts';

export interface EventOptions extends Tampering {
  /** Default: the listener's app. */
  readonly app?: string;
  /** Default: a new one. */
  readonly eventId?: string;
  readonly org?: boolean;
  /** How often it is sent again when it is not acknowledged; Slack does so at once, after 1 and after 5 minutes. */
  readonly retries?: 0 | 1 | 2 | 3;
}

export interface SentEvent {
  readonly eventId: string;
  /** The first, then each retry, until one was acknowledged. The waits between them are left out. */
  readonly deliveries: readonly Delivery[];
}

/** Sends an event of the Events API, again when it is not acknowledged, unless the app answers `X-Slack-No-Retry: 1`. */
export async function sendEvent(
  slack: Workspace,
  event: Readonly<Record<string, unknown>>,
  options: EventOptions,
  deliver: Deliver,
): Promise<SentEvent> {
  const app = appOf(slack, options.app ?? 'listener');
  const eventId = options.eventId ?? slack.nextId('Ev');
  const payload = envelope(slack, app, event, eventId, isOrg(slack, options));
  const body = Buffer.from(JSON.stringify(payload));
  const deliveries: Delivery[] = [];
  for (let attempt = 0; attempt <= (options.retries ?? 3); attempt += 1) {
    const reason = reasonOf(deliveries.at(-1));
    const headers =
      attempt === 0 ? {} : { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason };
    const delivery = await deliver(app, { kind: 'events_api', payload, body, headers }, options);
    deliveries.push(delivery);
    if (delivery.warning === undefined || delivery.headers['x-slack-no-retry'] === '1') break;
  }
  return { eventId, deliveries };
}

/** Asks the app to prove that it owns its address, as Slack does when it is set. */
export function verifyUrl(
  slack: Workspace,
  challenge: string,
  options: EventOptions,
  deliver: Deliver,
): Promise<Delivery> {
  const app = appOf(slack, options.app ?? 'listener');
  const payload = { token: app.verificationToken, challenge, type: 'url_verification' };
  return deliver(app, { kind: 'events_api', payload, body: Buffer.from(JSON.stringify(payload)) }, options);
}

function envelope(
  slack: Workspace,
  app: SlackApp,
  event: Readonly<Record<string, unknown>>,
  eventId: string,
  org: boolean,
): Record<string, unknown> {
  const place = { enterprise_id: org ? enterprise.id : null, team_id: org ? null : teamId };
  return {
    token: app.verificationToken,
    team_id: teamId,
    api_app_id: app.id,
    event: { event_ts: slack.nextTs(), ...event },
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(slack.now() / 1000),
    authorizations: [{ ...place, user_id: app.botUser, is_bot: true, is_enterprise_install: org }],
    is_ext_shared_channel: false,
  };
}

function reasonOf(last: Delivery | undefined): string {
  if (last?.warning === 'operation_timeout') return 'http_timeout';
  return last?.warning === 'connection_failed' ? 'connection_failed' : 'http_error';
}
