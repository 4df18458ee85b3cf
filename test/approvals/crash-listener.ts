import { createApprovals } from '../../src/approvals/create-approvals.ts';
import { REASON_INPUT, REASON_MODAL } from '../../src/approvals/modals.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import type { Directory } from '../../src/approvals/voters.ts';
import { createAuditChain } from '../../src/durable/audit.ts';
import { createEngine } from '../../src/durable/engine.ts';
import type { Outgoing, Route } from '../../src/kit/incoming.ts';
import { silentLog } from '../../src/kit/log.ts';
import { createHandlers } from '../../src/slack/handlers.ts';
import type { Delivery } from '../../src/slack/handlers.ts';
import type { Click, Submission } from '../../src/slack/interaction.ts';
import type { Tamper } from '../durable/crash/crash-test.ts';
import { auditKey } from '../durable/jobs.ts';
import type { Life } from '../support/mortal.ts';
import { firstTime } from '../support/once.ts';
import type { World } from './crash-world.ts';
import { fakeDirectory } from './directory.ts';
import { ANA, BEN, policyOf } from './samples.ts';
import type { PostedMessage } from './slack-port.ts';

/** One process of the listener, as its callers see it. */
export interface Listener {
  /** An answer of /v1. */
  request(method: Route['method'], path: string, body?: object): Promise<Outgoing>;
  /** Resolves when the click is acknowledged. */
  click(action: string, card: PostedMessage, user: string): Promise<void>;
  /** Resolves when the form is taken, or to what it says is wrong. */
  submit(form: string, user: string, reason: string): Promise<unknown>;
}

/** Starts a listener whose every port goes through `life`. */
export async function startListener(
  world: World,
  policy: Partial<GatePolicy>,
  life: Life,
  tamper: Tamper,
): Promise<Listener> {
  const clock = life.clock(world.clock);
  const started = clock.now();
  const slack = life.port('slack', world.slack);
  const engine = createEngine({
    store: life.port('store', tamper(world.watched.store)),
    clock,
    log: silentLog,
    chain: createAuditChain(auditKey),
    epoch: 1,
    observer: {
      effect: () => undefined,
      newer: () => undefined,
      changed: () => undefined,
      swept: () => undefined,
    },
    redact: (text) => text,
    random: () => 0.5,
    runsEffects: true,
    soleOwner: true,
    places: 4,
    everyMs: 30_000,
  });
  const concourse = life.port('concourse', {
    async poke(gate: string): Promise<void> {
      world.poked.push(gate);
      await Promise.resolve();
    },
  });
  const replies = life.port('replies', {
    async respond(_url: string, text: string): Promise<void> {
      world.told.push(text);
      await Promise.resolve();
    },
  });
  const handlers = createHandlers();
  const { routes, takeClicks } = createApprovals({
    engine,
    slack,
    slackFor: () => slack,
    clock,
    log: silentLog,
    directory: directoryOf(world, life),
    people: new Map(),
    policyOf: (gate) => (gate === 'release' ? policyOf({ allowSelf: true, ...policy }) : undefined),
    callerOf: () => ({
      name: 'ci-main',
      may: new Set(['open', 'read', 'claim']),
      gates: () => true,
      maxOpen: 20,
    }),
    notOpened: () => undefined,
    poke: (gate) => concourse.poke(gate),
    respond: (url, text) => replies.respond(url, text),
    servingSince: () => started,
    gone: () => undefined,
    lost: () => undefined,
    refused: () => undefined,
  });
  takeClicks(handlers);
  const delivery = (): Delivery => ({
    receivedAt: clock.now(),
    app: 'own',
    via: 'http',
    tell: (text) => void world.told.push(text),
    once: firstTime(),
  });
  const handle = async (request: Click | Submission) => {
    const found = handlers.find(request, 'own');
    if (found === undefined || found === 'not_from_there') throw new Error('nobody handles it');
    return found.run(delivery());
  };
  await engine.start();
  return {
    request: (method, path, body) => answer(routes, method, path, body),
    async click(actionId, card, userId) {
      await handle(clickOf(actionId, card, userId, clock.now()));
    },
    async submit(form, userId, reason) {
      return (await handle(submissionOf(form, userId, reason)))?.body;
    },
  };
}

// Slack takes its time to say who somebody is, and is asked by a process that may die meanwhile.
function directoryOf(world: World, life: Life): Directory {
  const known = fakeDirectory({ S0GROUP0001: [ANA, BEN] });
  const asked = life.port('directory', {
    async eligible(user: string, approvers: readonly string[]) {
      if (world.directoryMs > 0) await world.clock.sleep(world.directoryMs);
      return known.eligible(user, approvers);
    },
    expand: (approvers: readonly string[]) => known.expand(approvers),
    user: (id: string) => known.user(id),
    group: (id: string) => known.group(id),
    byEmail: (email: string) => known.byEmail(email),
  });
  return { ...asked, ...pick(asked), known: () => undefined };
}

function pick(asked: Omit<Directory, 'known'>): Omit<Directory, 'known'> {
  return {
    eligible: (user, approvers) => asked.eligible(user, approvers),
    expand: (approvers) => asked.expand(approvers),
    user: (id) => asked.user(id),
    group: (id) => asked.group(id),
    byEmail: (email) => asked.byEmail(email),
  };
}

async function answer(
  routes: readonly Route[],
  method: Route['method'],
  path: string,
  body: object | undefined,
): Promise<Outgoing> {
  const url = new URL(path, 'http://listener.example');
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(url.pathname) : null;
    if (match === null) continue;
    return route.handle({
      method,
      route: route.path,
      params: { ...match.groups },
      query: url.searchParams,
      headers: {},
      body: Buffer.from(JSON.stringify(body ?? {})),
      remote: '127.0.0.1',
      signal: new AbortController().signal,
    });
  }
  throw new Error(`no route ${method} ${path}`);
}

const actor = {
  userName: undefined,
  userTeamId: 'T0TEAM00001',
  appId: 'A0LISTENER1',
  teamId: 'T0TEAM00001',
  enterpriseId: undefined,
  enterpriseInstall: false,
};

function clickOf(actionId: string, card: PostedMessage, userId: string, now: number): Click {
  return {
    ...actor,
    type: 'block_actions',
    userId,
    actionId,
    blockId: 'buttons',
    element: 'button',
    value: valueIn(card, actionId),
    selected: [],
    actionTs: (now / 1000).toFixed(6),
    channelId: card.channel,
    messageTs: card.ts,
    threadTs: undefined,
    ephemeral: false,
    view: undefined,
    inputs: [],
    triggerId: '1.2.abc',
    responseUrl: 'https://hooks.slack.example/response',
    step: undefined,
  };
}

/** The value of a card's button; undefined where the card has no such button. */
function valueIn(card: PostedMessage, actionId: string): string | undefined {
  const text = JSON.stringify(card.blocks);
  const button = text.indexOf(`"action_id":"${actionId}"`);
  return button === -1 ? undefined : /"value":"([^"]+)"/.exec(text.slice(button))?.[1];
}

function submissionOf(form: string, userId: string, reason: string): Submission {
  return {
    ...actor,
    type: 'view_submission',
    userId,
    triggerId: undefined,
    view: {
      id: 'V1',
      hash: undefined,
      callbackId: REASON_MODAL,
      privateMetadata: form,
      inputs: [
        {
          blockId: 'reason',
          actionId: REASON_INPUT,
          type: 'plain_text_input',
          value: reason,
          selected: [],
        },
      ],
    },
  };
}
