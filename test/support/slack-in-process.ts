import { createHttp } from '../../src/kit/http.ts';
import type { Http } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import type { Slack } from '../../src/slack/client.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { instantClock } from './instant-clock.ts';
import type { InstantClock } from './instant-clock.ts';

/** A fake workspace, and all that the functions of src/slack ask for. */
export interface SlackInProcess {
  readonly fake: FakeSlack;
  readonly slack: Slack;
  readonly http: Http;
  readonly clock: InstantClock;
  readonly apiUrl: string;
  readonly signal: AbortSignal;
  /** Aborts every call. */
  readonly stop: (reason: Error) => void;
  /** What was logged, warnings with `warning: ` before them. */
  readonly lines: readonly string[];
  readonly log: { info(line: string): void; warn(line: string): void };
}

export interface InProcessOptions extends FakeSlackOptions {
  /** How long silence lasts before a call gives up; default as in production. */
  readonly idleMs?: number;
}

/** Gives a test a workspace of its own; waiting takes no time, and files are ready and shared at once. */
export async function withSlack(
  use: (world: SlackInProcess) => Promise<void>,
  { idleMs, ...options }: InProcessOptions = {},
): Promise<void> {
  const fake = await startFakeSlack({ readyAfterMs: 0, shareAfterMs: 0, ...options });
  try {
    await use(worldOf(fake, idleMs));
    fake.expectNoUnknown();
  } finally {
    await fake.close();
  }
}

function worldOf(fake: FakeSlack, idleMs: number | undefined): SlackInProcess {
  const client = createHttp({});
  const http: Http = (request) => client(idleMs === undefined ? request : { ...request, idleMs });
  const clock = instantClock();
  const controller = new AbortController();
  const lines: string[] = [];
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };
  const ports = { http, clock, log, signal: controller.signal };
  return {
    ...ports,
    fake,
    slack: createSlack({ token: new Secret(fake.token), apiUrl: fake.apiUrl }, ports),
    apiUrl: fake.apiUrl,
    stop: (reason) => controller.abort(reason),
    lines,
  };
}
