import { request as httpRequest } from 'node:http';
import { isRecord } from '../../../src/kit/json.ts';
import type { Click, ClickOptions } from '../../fakes/slack/click.ts';
import type { FakeSlack } from '../../fakes/slack/server.ts';
import type { Message } from '../../fakes/slack/workspace.ts';
import { runStep, withTempDir, writeTree } from '../../support/step.ts';
import type { StepName, StepResult } from '../../support/step.ts';
import { BUILD } from '../../support/world.ts';

export const CHANNEL = 'C0RELEASES1';
export const ALICE = 'U0ALICE0001';
export const BOB = 'U0BOB000001';

/** The build that asks, as the resource tells it of `BUILD`. */
export const ORIGIN = {
  team: 'main',
  pipeline: 'app',
  job: 'deploy',
  build_id: '4711',
  build_name: '41',
  url: 'https://ci.example.com/builds/4711',
} as const;

type Change = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Change;
  readonly text: string;
}

/** Where a listener is, and a token of it. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/** What anybody can do who holds a token: requests past the resource and its schema. */
export interface Door {
  /** The path is sent as it is written. A string or a Buffer is a body as it is, else it is JSON. */
  request(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  open(change?: Change, token?: string): Promise<Answer>;
  /** Asks, and waits until the listener knows the card and its address: nothing more happens by itself. */
  ask(change?: Change): Promise<{ readonly id: string; readonly card: Message }>;
  view(id: string): Promise<Change>;
  /** One long poll of at most 25 s. */
  poll(id: string, seen: unknown, more?: string): Promise<Answer>;
  /** Polls until the request has this status; throws when it comes to another end. */
  becomes(id: string, status: string): Promise<Change>;
  claim(approval: string, change?: Change, token?: string): Promise<Answer>;
  decisions(gate?: string, token?: string): Promise<Answer>;
}

let keys = 0;

export interface DoorOptions {
  /** Asks again where the store did not answer in time, as every client of the listener does. */
  readonly patient?: boolean;
}

export function doorOf(
  { url, token: own }: Address,
  slack: FakeSlack,
  { patient = false }: DoorOptions = {},
): Door {
  const request: Door['request'] = async (method, path, body, token = own) => {
    for (;;) {
      const answer = await send(url, method, path, body, token);
      if (!patient || answer.status !== 503) return answer;
    }
  };
  const open: Door['open'] = (change = {}, token) =>
    request(
      'POST',
      '/v1/approvals',
      {
        gate: 'release',
        key: `key ${++keys}`,
        title: 'Ship 1.2.3?',
        context: { version: '1.2.3' },
        wait: false,
        origin: ORIGIN,
        ...change,
      },
      token,
    );
  const view: Door['view'] = async (id) => (await request('GET', `/v1/approvals/${id}`)).body;
  const poll: Door['poll'] = (id, seen, more = '') =>
    request('GET', `/v1/approvals/${id}?wait=25&seen=${String(seen)}${more}`);
  return {
    request,
    open,
    view,
    poll,
    async ask(change) {
      const { status, body, text } = await open(change);
      if (status >= 300) throw new Error(`not opened: ${text}`);
      const id = String(body['approval']);
      for (let now = body; now['permalink'] === undefined; now = (await poll(id, now['revision'])).body)
        if (now['status'] !== 'requested') throw new Error(`no card: ${JSON.stringify(now)}`);
      return { id, card: cardOf(slack, id) };
    },
    async becomes(id, status) {
      for (let seen: unknown = -1; ; ) {
        const { body } = await poll(id, seen);
        if (body['status'] === status) return body;
        if (body['status'] !== 'requested') throw new Error(`not ${status}: ${JSON.stringify(body)}`);
        seen = body['revision'];
      }
    },
    claim: (approval, change = {}, token) =>
      request('POST', '/v1/claims', { approval, gate: 'release', origin: ORIGIN, ...change }, token),
    decisions: (gate = 'release', token) =>
      request(
        'GET',
        `/v1/gates/${encodeURIComponent(gate)}/decisions?emit=approved,denied`,
        undefined,
        token,
      ),
  };
}

function send(url: string, method: string, path: string, body: unknown, token: string): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const headers = {
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, body: jsonOf(text), text });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : raw ? body : JSON.stringify(body));
  });
}

function jsonOf(text: string): Change {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** The newest card of a request. */
export function cardOf(slack: FakeSlack, id: string): Message {
  const short = `#${id.slice(0, 6)}`;
  const card = cardsOf(slack).findLast(({ blocks }) => JSON.stringify(blocks).includes(short));
  if (card === undefined) throw new Error(`no card of ${id}`);
  return card;
}

/** Messages of the listener that are no thread lines. */
export function cardsOf(slack: FakeSlack): readonly Message[] {
  return slack
    .messages()
    .filter(({ app, thread_ts: thread }) => app === slack.apps.listener.id && thread === undefined);
}

/** The lines below a card. */
export function threadOf(slack: FakeSlack, { ts }: Pick<Message, 'ts'>): readonly string[] {
  return slack
    .messages()
    .filter((message) => message.thread_ts === ts)
    .map(({ text }) => text);
}

/** Presses a button of a card. */
export function press(
  slack: FakeSlack,
  { channel, ts }: Pick<Message, 'channel' | 'ts'>,
  button: string,
  more: Partial<ClickOptions> = {},
): Promise<Click> {
  return slack.click({ channel, ts, button, by: ALICE, ...more });
}

/** The card once its text or blocks have this. */
export function shows(slack: FakeSlack, { ts }: Pick<Message, 'ts'>, text: string): Promise<Message> {
  return slack.when(() => {
    const card = slack.messages().find((message) => message.ts === ts);
    return card !== undefined && JSON.stringify([card.text, card.blocks]).includes(text) && card;
  });
}

export interface Run {
  readonly step?: StepName;
  readonly source?: Change;
  readonly params?: unknown;
  readonly version?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A real step against a listener. */
export function step(at: Address, { step: name = 'out', source, env = {}, files = {}, ...request }: Run) {
  return withTempDir(async (dir): Promise<StepResult> => {
    await writeTree(dir, files);
    const whole = { listener: { url: at.url, token: at.token }, ...source };
    return runStep(name, { source: whole, ...request }, { dir, env: { ...BUILD, ...env } });
  });
}

/** All texts of blocks in which Slack reads markup. */
export function mrkdwnIn(blocks: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(blocks, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn')
      found.push(String(Reflect.get(value, 'text')));
    return value;
  });
  return found;
}
