import { createHttp } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createIntake } from '../../src/slack/intake.ts';
import type { Intake, IntakeEvent, IntakeOptions } from '../../src/slack/intake.ts';
import { createResponder } from '../../src/slack/respond.ts';
import type { Remember } from '../../src/slack/replay.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { listen } from '../fakes/http/listen.ts';
import { readBody } from '../fakes/http/read-body.ts';
import { serveRoutes } from './serve-routes.ts';
import { payloadForm, signSlack } from './sign-slack.ts';
import { clickPayload, OWN_APP, PIPELINE_APP, TEAM } from './slack-payloads.ts';

export const OWN_SECRET = 'sensitive-own-signing-secret';
export const PIPELINE_SECRET = 'sensitive-pipeline-signing-secret';

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

export interface IntakeWorld {
  readonly intake: Intake;
  /** What was observed, oldest first. */
  readonly events: readonly IntakeEvent[];
  readonly lines: readonly string[];
  /** The texts that came to the response URL of `click`. */
  readonly told: readonly string[];
  readonly responseUrl: string;
  /** Signs and posts a body. */
  readonly post: (path: string, body: string | Buffer, change?: PostChange) => Promise<Answered>;
  /** Signs and posts a payload to the interactivity address. */
  readonly interact: (payload: unknown, change?: PostChange) => Promise<Answered>;
  /** A click on a button whose response URL leads here. */
  readonly click: (actionId: string, change?: Record<string, unknown>) => Record<string, unknown>;
}

export interface PostChange {
  readonly secret?: string;
  /** Seconds, as the header says them. */
  readonly timestamp?: string;
  /** Replaces headers; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Gives a test an intake behind real HTTP, with an own app and one of pipelines. */
export async function withIntake(
  use: (world: IntakeWorld) => Promise<void>,
  change: Partial<IntakeOptions> = {},
): Promise<void> {
  const events: IntakeEvent[] = [];
  const lines: string[] = [];
  const told: string[] = [];
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };
  const people = await listen(async (req, res) => {
    told.push(String(JSON.parse((await readBody(req)).toString('utf8')).text));
    res.end('ok');
  });
  const http = createHttp({});
  const intake = createIntake({
    own: { appId: () => OWN_APP, secrets: () => [new Secret(OWN_SECRET)] },
    pipeline: { appId: PIPELINE_APP, secrets: () => [new Secret(PIPELINE_SECRET)] },
    home: () => ({ teamId: TEAM, enterpriseId: undefined }),
    remember: memory(),
    responder: createResponder({ http, clock: systemClock, log, apiUrl: `${people.origin}/api/` }),
    clock: systemClock,
    log,
    deadlineMs: 60_000,
    observe: (event) => void events.push(event),
    ...change,
  });
  const served = await serveRoutes(intake.routes);
  const responseUrl = `${people.origin}/actions/1`;

  const post: IntakeWorld['post'] = async (path, body, options = {}) => {
    const { secret = OWN_SECRET, headers = {}, timestamp } = options;
    const type = path === '/slack/events' ? 'application/json' : 'application/x-www-form-urlencoded';
    const all = {
      'content-type': type,
      ...signSlack(body, { secret, ...(timestamp !== undefined && { timestamp }) }),
      ...headers,
    };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const since = performance.now();
    const answer = await fetch(served.origin + path, {
      method: 'POST',
      headers: kept,
      body: new Uint8Array(Buffer.from(body)),
    });
    return { status: answer.status, text: await answer.text(), ms: performance.now() - since };
  };
  try {
    await use({
      intake,
      events,
      lines,
      told,
      responseUrl,
      post,
      interact: (payload, options) => post('/slack/interactions', payloadForm(payload), options),
      click: (actionId, more = {}) => clickPayload(actionId, { response_url: responseUrl, ...more }),
    });
    await intake.idle();
  } finally {
    await Promise.all([served.close(), people.close()]);
  }
}

/** A memory that forgets nothing. */
export function memory(): Remember {
  const keys = new Set<string>();
  return async (key) => {
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  };
}
