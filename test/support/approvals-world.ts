import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createApprovals } from '../../src/approvals/create-approvals.ts';
import type { ApprovalsPart } from '../../src/approvals/create-approvals.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import type { Caller } from '../../src/approvals/route-ports.ts';
import { createAuditChain } from '../../src/durable/audit.ts';
import type { Engine } from '../../src/durable/engine.ts';
import { createEngine } from '../../src/durable/engine.ts';
import { createServing } from '../../src/durable/serving.ts';
import { createHttp } from '../../src/kit/http.ts';
import { isRecord } from '../../src/kit/json.ts';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import { createIntake } from '../../src/slack/intake.ts';
import type { Intake } from '../../src/slack/intake.ts';
import { createPeople } from '../../src/slack/people.ts';
import { createResponder } from '../../src/slack/respond.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store, StoredEffect, StoredRecord } from '../../src/store/store.ts';
import { teamId } from '../fakes/slack/apps.ts';
import type { Click, ClickOptions } from '../fakes/slack/click.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import type { Message } from '../fakes/slack/workspace.ts';
import { memoryStore } from './memory-store.ts';
import type { MemoryStore } from './memory-store.ts';
import { serveRoutes } from './serve-routes.ts';
import { skippingClock } from './skipping-clock.ts';
import type { SkippingClock } from './skipping-clock.ts';
import { withTempDir } from './temp-dir.ts';

export const CHANNEL = 'C0RELEASES1';
export const OTHER_CHANNEL = 'C0PUBLIC001';

/** The people of the workspace: Ana, Ben and Cem may approve, Dee is nobody's approver, Gus is a guest. */
export const ANA = 'U0ANA000001';
export const BEN = 'U0BEN000001';
export const CEM = 'U0CEM000001';
export const DEE = 'U0DEE000001';
export const GUS = 'U0GUS000001';
export const OCTOCAT = 'U0OCTOCAT01';
export const GROUP = 'S0APPROVERS';

export const ORIGIN = {
  team: 'main',
  pipeline: 'app',
  job: 'release',
  build_id: '4711',
  build_name: '41',
  url: 'https://ci.example/builds/4711',
  created_by: 'octocat',
} as const;

/** Far more than an acknowledgement takes on any machine, less than a call to Slack that hangs. */
const ACK_WITHIN_MS = 20_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WorldOptions {
  /** By gate; each adds to a policy of one approver of the group. Default: `release` as it is. */
  readonly gates?: Readonly<Record<string, Partial<GatePolicy>>>;
  readonly slack?: FakeSlackOptions;
  readonly store?: 'memory' | 'sqlite';
  /** Listeners on the one store: requests go to each in turn, clicks to the last. Default 1. */
  readonly replicas?: number;
  /** How many requests each token may have open; default 100. */
  readonly maxOpen?: number;
  /** Pause between two sweeps; default 40 ms. */
  readonly everyMs?: number;
  /** Whether a skip of more than some seconds is a break in which the listener stood still; by default it served all the time. */
  readonly notesBreaks?: boolean;
}

/** Approvals as the listener runs them, in this process: over HTTP, with a workspace, on a store. */
export interface ApprovalsWorld {
  readonly slack: FakeSlack;
  readonly clock: SkippingClock;
  /** What the listener runs on; of the memory store, also its faults. */
  readonly store: Store | MemoryStore;
  /** The running listener; another one after `restart`. */
  readonly part: () => ApprovalsPart;
  readonly engine: () => Engine;
  /** Ends the listener, lets `awayMs` go by, and starts it again on the same store. */
  readonly restart: (awayMs?: number) => Promise<void>;
  /** Where a listener is. */
  readonly url: () => string;
  /** `/v1` with the token of `ci-main`, or of `token`: `other` has other gates, `reader` may only read, everybody’s. */
  readonly request: (method: string, path: string, body?: unknown, token?: string) => Promise<Answer>;
  /** Asks for an approval at the gate `release`. */
  readonly open: (change?: Readonly<Record<string, unknown>>, token?: string) => Promise<Answer>;
  /** Asks, and waits for the card, which is given as it was then. */
  readonly ask: (change?: Readonly<Record<string, unknown>>) => Promise<{ id: string; card: Message }>;
  /** What the listener says of a request now. */
  readonly view: (id: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Resolves when the request has this status. */
  readonly becomes: (id: string, status: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Long poll. */
  readonly poll: (id: string, seen: unknown, more?: string) => Promise<Answer>;
  readonly claim: (id: string, change?: Readonly<Record<string, unknown>>) => Promise<Answer>;
  /** Presses a button of a card by its text. */
  readonly click: (
    card: Pick<Message, 'channel' | 'ts'>,
    button: string,
    by: string,
    more?: Partial<ClickOptions>,
  ) => Promise<Click>;
  /** The cards: messages of the listener that begin no thread line, oldest first. */
  readonly cards: () => readonly Message[];
  /** The lines below a card. */
  readonly thread: (card: Pick<Message, 'ts'>) => readonly string[];
  /** The card as it is now, once its text has this. */
  readonly shows: (card: Pick<Message, 'ts'>, text: string) => Promise<Message>;
  /** What a person was told alone, once there is something. */
  readonly told: (click: Click) => Promise<string>;
  /** Why votes did not count, oldest first. */
  readonly refused: readonly string[];
  /** Why requests were not opened, oldest first. */
  readonly notOpened: readonly string[];
  /** Gates that Concourse was asked to check. */
  readonly poked: readonly string[];
  /** Cards that could not be brought up to date. */
  readonly gone: readonly string[];
  /** How many cards were lost. */
  readonly lost: () => number;
  readonly lines: readonly string[];
  /** Resolves when nothing is on its way: no effect runs or is due. */
  readonly quiet: () => Promise<void>;
  /** Lets time pass, quickly, but not so quickly that what runs would be taken for hanging. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Gives a test the approvals of a listener, and a workspace where people click. */
export async function withApprovals(
  use: (world: ApprovalsWorld) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  if (options.store !== 'sqlite') return withStore(memoryStore(), use, options);
  await withTempDir(async (dir) =>
    withStore(await openSqliteStore({ path: join(dir, 'listener.db') }), use, options),
  );
}

async function withStore(
  store: Store | MemoryStore,
  use: (world: ApprovalsWorld) => Promise<void>,
  options: WorldOptions,
): Promise<void> {
  const clock = skippingClock();
  const slack = await startFakeSlack({ ...workspaceOf(options), now: () => clock.now() });
  const seen: Seen = { refused: [], notOpened: [], poked: [], gone: [], lost: 0, lines: [] };
  const startAll = () =>
    Promise.all(
      Array.from({ length: options.replicas ?? 1 }, () => start(store, slack, clock, seen, options)),
    );
  let all = await startAll();
  let turn = 0;
  const first = () => all[0] ?? none();
  const origin = () => (all[turn++ % all.length] ?? none()).origin;
  try {
    await use({
      ...actionsOf(slack, origin),
      ...seen,
      lost: () => seen.lost,
      slack,
      clock,
      store,
      url: () => first().origin,
      part: () => first().part,
      engine: () => first().engine,
      async restart(awayMs = 0) {
        await stopAll(all);
        clock.skip(awayMs);
        all = await startAll();
      },
      async quiet() {
        while (await isBusy(first().engine, store, clock)) await setTimeout(5);
      },
      async pass(ms) {
        for (const end = clock.now() + ms; clock.now() < end; ) {
          const isAtWork = await isBusy(first().engine, store, clock);
          const next = isAtWork ? clock.now() + 250 : await dueAfter(store, clock.now());
          clock.skip(Math.max(Math.min(next, end) - clock.now(), 1));
          await setTimeout(5);
        }
        await first().engine.sweep();
      },
    });
    slack.expectNoUnknown();
    clock.go();
    await stopAll(all);
    await expectSound(store);
  } finally {
    clock.go();
    slack.outage(false);
    await stopAll(all);
    await Promise.all([slack.close(), store.close()]);
  }
}

const chain = createAuditChain(Buffer.alloc(32, 7));
/** Of a whole item, whatever happened to it. */
const LARGEST = 64 * 1024;

// Whatever a test has done: every history is whole, and no record has outgrown its size.
async function expectSound(store: Store): Promise<void> {
  for (const record of await recordsIn(store)) {
    const problems = [...chain.problems(record, await store.readAudit(record.id))];
    const bytes = Buffer.byteLength(JSON.stringify(record));
    if (bytes > LARGEST) problems.push(`${record.id} has ${bytes} bytes`);
    if (problems.length > 0) throw new Error(problems.join('; '));
  }
}

async function stopAll(all: readonly Running[]): Promise<void> {
  await Promise.all(all.map((each) => each.stop()));
}

function none(): never {
  throw new Error('no listener runs');
}

function workspaceOf({ slack = {} }: WorldOptions): FakeSlackOptions {
  return {
    users: [
      { id: ANA, name: 'ana', email: 'ana@example.com' },
      { id: BEN, name: 'ben', email: 'ben@example.com' },
      { id: CEM, name: 'cem', email: 'cem@example.com' },
      { id: DEE, name: 'dee', email: 'dee@example.com' },
      { id: GUS, name: 'gus', restricted: true },
      { id: OCTOCAT, name: 'octo' },
    ],
    groups: { [GROUP]: [ANA, BEN, CEM, GUS] },
    ackWithinMs: ACK_WITHIN_MS,
    ...slack,
  };
}

interface Seen {
  readonly refused: string[];
  readonly notOpened: string[];
  readonly poked: string[];
  readonly gone: string[];
  lost: number;
  readonly lines: string[];
}

interface Running {
  readonly origin: string;
  readonly engine: Engine;
  readonly part: ApprovalsPart;
  readonly intake: Intake;
  stop(): Promise<void>;
}

const all = new Set(['open', 'read', 'claim']);
const CALLERS: Readonly<Record<string, Omit<Caller, 'maxOpen'>>> = {
  main: { name: 'ci-main', may: all, gates: (gate) => gate !== 'secret' },
  twin: { name: 'ci-twin', may: all, gates: (gate) => gate !== 'secret' },
  other: { name: 'ci-other', may: all, gates: (gate) => gate === 'secret' },
  reader: { name: 'ci-reader', may: new Set(['read_all']), gates: () => true },
};

function callerIn(header: string | undefined, { maxOpen = 100 }: WorldOptions): Caller | undefined {
  const caller = CALLERS[(header ?? '').replace('Bearer ', '')];
  return caller && { ...caller, maxOpen };
}

async function start(
  store: Store,
  slack: FakeSlack,
  clock: SkippingClock,
  seen: Seen,
  options: WorldOptions,
): Promise<Running> {
  const log = {
    info: (line: string) => void seen.lines.push(line),
    warn: (line: string) => void seen.lines.push(`warning: ${line}`),
  };
  const http = createHttp({});
  const { listener } = slack.apps;
  const { apiUrl } = slack;
  const slackFor = (signal?: AbortSignal) =>
    createSlack({ token: new Secret(listener.token), apiUrl }, { http, clock, log, signal });
  const serving = createServing(clock);
  const started = clock.now();
  const engine = createEngine({
    store: options.notesBreaks ? serving.watch(store) : store,
    clock,
    log,
    chain,
    epoch: 1,
    observer: {
      effect: () => undefined,
      newer: () => undefined,
      changed: () => undefined,
      swept: () => undefined,
    },
    redact: (text) => text.replaceAll(listener.token, '…'),
    random: Math.random,
    runsEffects: true,
    soleOwner: (options.replicas ?? 1) === 1,
    places: 16,
    everyMs: options.everyMs ?? 40,
  });
  const home = () => ({ teamId, enterpriseId: undefined });
  const interactive = slackFor();
  const responder = createResponder({ http: createHttp({}), clock, log, apiUrl });
  const part = createApprovals({
    engine,
    slack: interactive,
    slackFor,
    clock,
    log,
    directory: createPeople({ slack: interactive, clock, home }),
    poke: async (gate) => void seen.poked.push(gate),
    respond: async (url, text) => void (await responder.tell(url, text)),
    gone: (id, why) => void seen.gone.push(`${id}: ${why}`),
    lost: () => void seen.lost++,
    servingSince: options.notesBreaks ? () => serving.since() : () => started,
    people: new Map([
      ['octocat', OCTOCAT],
      ['ana-on-git', ANA],
    ]),
    callerOf: ({ headers }) => callerIn(headers['authorization'], options),
    policyOf: (gate) => policies(options)[gate],
    refused: (reason) => void seen.refused.push(reason),
    notOpened: (reason) => void seen.notOpened.push(reason),
  });
  const intake = createIntake({
    own: { appId: () => listener.id, secrets: () => [new Secret(listener.signingSecret)] },
    pipeline: {
      appId: slack.apps.pipelines.id,
      secrets: () => [new Secret(slack.apps.pipelines.signingSecret)],
    },
    home,
    remember: (key, until, now) => store.remember(key, until, now),
    responder,
    clock,
    log,
    observe: () => undefined,
    // A click is acknowledged by what it does, or its person is warned: no deadline may hide what it waits for.
    deadlineMs: 10 * ACK_WITHIN_MS,
  });
  part.takeClicks(intake);
  const served = await serveRoutes([...part.routes, ...intake.routes]);
  slack.setRequestUrl('listener', `${served.origin}/slack/interactions`);
  slack.setRequestUrl('pipeline', `${served.origin}/slack/interactions`);
  await engine.start();
  return {
    origin: served.origin,
    engine,
    part,
    intake,
    async stop() {
      await intake.idle();
      await engine.stop(1000);
      await served.close();
    },
  };
}

// Something is being done, or should be.
async function isBusy(engine: Engine, store: Store, clock: SkippingClock): Promise<boolean> {
  await engine.sweep();
  const effects = await effectsIn(store);
  return effects.some(({ lease, nextAt }) => lease !== undefined || nextAt <= clock.now());
}

async function dueAfter(store: Store, now: number): Promise<number> {
  const effects = await effectsIn(store);
  return Math.min(...effects.map(({ nextAt }) => Math.max(nextAt, now + 1)));
}

async function effectsIn(store: Store): Promise<readonly StoredEffect[]> {
  return (await recordsIn(store)).flatMap((record) => record.effects);
}

async function recordsIn(store: Store): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await store.list({}, next);
    found.push(...page.records);
    next = page.next;
  }
  return found;
}

function policies({ gates = {} }: WorldOptions): Readonly<Record<string, GatePolicy>> {
  const policy: GatePolicy = {
    approvers: [GROUP],
    quorum: 1,
    denyQuorum: 1,
    allowSelf: false,
    maxTimeoutMs: 8 * 3_600_000,
    onTimeout: 'deny',
    validForMs: 24 * 3_600_000,
    use: 'once',
    channels: [CHANNEL],
    from: [],
    requireReason: 'never',
    unknownRequester: 'raise',
    maxOpen: 50,
  };
  const all = Object.entries({ release: {}, secret: {}, ...gates });
  return Object.fromEntries(all.map(([name, change]) => [name, { ...policy, ...change }]));
}

type Actions = Omit<
  ApprovalsWorld,
  keyof Seen | 'slack' | 'clock' | 'store' | 'url' | 'part' | 'engine' | 'restart' | 'quiet' | 'pass'
>;

function actionsOf(slack: FakeSlack, origin: () => string): Actions {
  const request: Actions['request'] = async (method, path, body, token = 'main') => {
    const response = await fetch(origin() + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const value: unknown = text.startsWith('{') ? JSON.parse(text) : { text };
    return { status: response.status, body: isRecord(value) ? value : {} };
  };
  let keys = 0;
  const open: Actions['open'] = (change = {}, token) =>
    request(
      'POST',
      '/v1/approvals',
      { gate: 'release', key: `key ${++keys}`, title: 'Ship 1.2.3?', wait: false, origin: ORIGIN, ...change },
      token,
    );
  const cards = () =>
    slack
      .messages()
      .filter(({ app, thread_ts }) => app === slack.apps.listener.id && thread_ts === undefined);
  const view: Actions['view'] = async (id) => (await request('GET', `/v1/approvals/${id}`)).body;
  const now = (ts: string) => slack.messages().find((message) => message.ts === ts);
  return {
    request,
    open,
    async ask(change) {
      const { status, body } = await open(change);
      const id = String(body['approval']);
      if (status >= 300) throw new Error(`not opened: ${JSON.stringify(body)}`);
      for (let seen: unknown = body['revision']; ; ) {
        const { body: later } = await request('GET', `/v1/approvals/${id}?wait=5&seen=${String(seen)}`);
        const card = cards().findLast(({ blocks }) => JSON.stringify(blocks).includes(`"${id}.`));
        if (card !== undefined && later['channel'] !== undefined) return { id, card: structuredClone(card) };
        if (later['status'] !== 'requested') throw new Error(`no card: ${JSON.stringify(later)}`);
        seen = later['revision'];
      }
    },
    view,
    async becomes(id, status) {
      for (let seen: unknown = -1, unchanged = 0; ; ) {
        const { body } = await request('GET', `/v1/approvals/${id}?wait=5&seen=${String(seen)}`);
        if (body['status'] === status) return body;
        unchanged = body['revision'] === seen ? unchanged + 1 : 0;
        if (unchanged === 12) throw new Error(`${id} did not become ${status}: ${JSON.stringify(body)}`);
        seen = body['revision'];
      }
    },
    poll: (id, seen, more = '') => request('GET', `/v1/approvals/${id}?wait=20&seen=${String(seen)}${more}`),
    claim: (approval, change = {}) =>
      request('POST', '/v1/claims', {
        approval,
        gate: 'release',
        origin: { ...ORIGIN, job: 'deploy', build_id: '5000' },
        ...change,
      }),
    click: (card, button, by, more = {}) =>
      slack.click({ channel: card.channel, ts: card.ts, button, by, ...more }),
    cards,
    thread: ({ ts }) =>
      slack
        .messages()
        .filter((message) => message.thread_ts === ts)
        .map(({ text }) => text),
    shows: ({ ts }, text) =>
      slack.when(() => {
        const card = now(ts);
        return card !== undefined && JSON.stringify([card.text, card.blocks]).includes(text) && card;
      }),
    told: (click) => slack.when(() => click.ephemerals.at(-1)?.text),
  };
}
