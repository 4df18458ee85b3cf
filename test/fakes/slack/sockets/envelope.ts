import { randomUUID } from 'node:crypto';
import type { SlackApp } from '../apps.ts';
import type { Delivery, Notice } from '../interactions/deliver.ts';

/** An envelope, and whether it was acknowledged in time. */
export interface EnvelopeView {
  readonly id: string;
  readonly type: Notice['kind'];
  readonly connection: number;
  readonly acknowledged: boolean;
  /** What came with the acknowledgement. */
  readonly answer: unknown;
}

/** An envelope on its way. */
export interface Envelope {
  readonly id: string;
  readonly type: Notice['kind'];
  readonly app: string;
  readonly text: string;
  readonly takesAnswer: boolean;
  connection: number;
  acknowledged: boolean;
  answer: unknown;
  settle: ((answer: Pick<Delivery, 'status' | 'warning'>) => void) | undefined;
}

/** A notice as a socket carries it. */
export function envelopeOf(app: SlackApp, { kind: type, payload, headers = {} }: Notice): Envelope {
  const id = randomUUID();
  // A click is acknowledged with nothing; forms and commands may be answered.
  const takesAnswer = type === 'slash_commands' || payload['type'] === 'view_submission';
  const retry = Number(headers['x-slack-retry-num'] ?? 0);
  const again = { retry_attempt: retry, retry_reason: headers['x-slack-retry-reason'] ?? '' };
  const content = {
    envelope_id: id,
    payload,
    type,
    accepts_response_payload: takesAnswer,
    ...(type === 'events_api' ? again : {}),
  };
  return {
    id,
    type,
    app: app.id,
    text: JSON.stringify(content),
    takesAnswer,
    connection: 0,
    acknowledged: false,
    answer: undefined,
    settle: undefined,
  };
}

/** The first message of a connection. */
export function hello(app: string, connections: number): Record<string, unknown> {
  return {
    type: 'hello',
    num_connections: connections,
    debug_info: { host: 'applink-fake', build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: app },
  };
}
