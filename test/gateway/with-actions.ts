import { createHash, randomUUID } from 'node:crypto';
import { createAuditChain } from '../../src/durable/audit.ts';
import { createEngine } from '../../src/durable/engine.ts';
import type { Engine } from '../../src/durable/engine.ts';
import type { AllowedAction } from '../../src/gateway/action-ports.ts';
import type { GatewayCall } from '../../src/gateway/call.ts';
import { createActions } from '../../src/gateway/create-actions.ts';
import type { ActionOutcome } from '../../src/gateway/run-action.ts';
import { Secret } from '../../src/kit/secret.ts';
import { signedValue } from '../../src/slack/action-value.ts';
import type { Slack } from '../../src/slack/client.ts';
import type { Handler, Registration } from '../../src/slack/handlers.ts';
import type { Click } from '../../src/slack/interaction.ts';
import type { Shown } from '../../src/slack/respond.ts';
import { beginLife } from '../support/mortal.ts';
import type { Life } from '../support/mortal.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { firstTime } from '../support/once.ts';

const TOKEN = 'sensitive-listener-token-of-ci-main';
const CHANNEL = 'C0RELEASES1';

export const DONE: ActionOutcome = {
  kind: 'done',
  status: 202,
  digest: 'sha256:0',
  line: 'POST /deploy was answered 202 (2 bytes)',
  said: '{}',
};

/** Clicks and runs in this process, with the time, the store, the service and Slack in the hands of the test. */
export interface Bench {
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly engines: readonly Engine[];
  /** The value of a new button. */
  readonly button: () => string;
  /** Clicks a button; the id of its dialog, or undefined when none was shown. */
  readonly ask: (value: string, by?: string, replica?: number) => Promise<string | undefined>;
  /** Presses a button of a dialog, and gives what the person is told. */
  readonly press: (id: string, button: 'run' | 'cancel', by?: string, replica?: number) => Promise<string>;
  /** What the person was told last, wherever. */
  readonly told: () => string;
  readonly calls: readonly GatewayCall[];
  /** The texts of all reports. */
  readonly reports: readonly string[];
  readonly refused: readonly string[];
  readonly status: (id: string) => Promise<string | undefined>;
  /** Lets everything run that is due, until nothing is. */
  readonly settle: () => Promise<void>;
}

export interface BenchOptions {
  readonly action?: Partial<AllowedAction>;
  readonly replicas?: number;
  /** When the store was restored last. */
  readonly restoredAt?: number;
  /** The first replica takes clicks and leaves effects to the others. */
  readonly intakeFirst?: boolean;
  readonly store?: MemoryStore;
  readonly call?: (call: GatewayCall, signal: AbortSignal) => Promise<ActionOutcome>;
  readonly eligible?: (user: string) => Promise<{ ok: true; name: string } | { ok: false; reason: string }>;
  readonly slack?: Slack;
  readonly clock?: ManualClock;
  /** All ports are those of a process that may die. */
  readonly life?: Life;
}

export const ACTION: AllowedAction = {
  name: 'deploy',
  allow: ['U1', 'U2'],
  channels: [],
  problemsOf: () => [],
  confirm: 'Deploy {{value.app}}?',
  once: true,
  maxAgeMs: 86_400_000,
  rate: undefined,
  call: { method: 'POST', path: '/deploy', body: { app: '{{value.app}}' } },
};

export function bench(options: BenchOptions = {}): Bench {
  const { clock = manualClock(), store = memoryStore(), life = beginLife() } = options;
  const calls: GatewayCall[] = [];
  const reports: string[] = [];
  const refused: string[] = [];
  let last = '';
  const shown = new Map<string, Shown>();
  const show = (url: string, message: Shown) => {
    shown.set(url, message);
    last = message.text;
    return Promise.resolve(true);
  };
  const slack: Slack = options.slack ?? {
    call: (_method, args) => {
      reports.push(String(args['text']));
      return Promise.resolve({ ok: true, channel: CHANNEL, ts: '1.1' });
    },
  };
  const replicas = Array.from({ length: options.replicas ?? 1 }, (_, at) => {
    const engine = createEngine({
      store: life.port('store', store),
      clock: life.clock(clock),
      log: { info: () => undefined, warn: () => undefined },
      chain: createAuditChain(Buffer.alloc(32, 7)),
      epoch: options.restoredAt ?? 1,
      observer: { effect: none, newer: none, changed: none, swept: none },
      redact: (text) => text,
      random: () => 0.5,
      runsEffects: at > 0 || options.intakeFirst !== true,
      soleOwner: false,
      places: 100,
      everyMs: 1000,
    });
    const handlers = new Map<string, Handler<Click>>();
    createActions({
      engine,
      clock: life.clock(clock),
      log: { info: none, warn: none },
      slackFor: () => life.port('slack', slack),
      restoredAt: options.restoredAt ?? 1,
      actionOf: (name) => (name === 'deploy' ? { ...ACTION, ...options.action } : undefined),
      tokens: () => [
        { name: 'ci-main', hash: createHash('sha256').update(TOKEN).digest(), actions: new Set(['deploy']) },
      ],
      eligible: options.eligible ?? ((user) => Promise.resolve({ ok: true, name: user })),
      ...life.port('service', {
        call: (call: GatewayCall, signal: AbortSignal) => {
          calls.push(call);
          return options.call?.(call, signal) ?? Promise.resolve(DONE);
        },
        show,
      }),
      refused: (reason) => refused.push(reason),
    }).takeClicks(registration(handlers));
    return { engine, handlers };
  });

  const deliver = async (prefix: string, value: string, by: string, replica: number): Promise<string> => {
    const responseUrl = `https://hooks.slack.com/actions/${randomUUID()}`;
    const handler = replicas[replica]?.handlers.get(prefix);
    if (handler === undefined) throw new Error(`nobody takes ${prefix}`);
    const tell = (text: string) => void (last = text);
    await handler(clickOf(prefix, value, by, responseUrl), {
      receivedAt: clock.now(),
      app: 'pipeline',
      via: 'http',
      tell,
      once: firstTime(),
    });
    return responseUrl;
  };
  return {
    clock,
    store,
    engines: replicas.map(({ engine }) => engine),
    button: () =>
      signedValue(
        { action: 'deploy', value: { app: 'web' }, channel: CHANNEL },
        new Secret(TOKEN),
        clock.now(),
      ),
    async ask(value, by = 'U1', replica = 0) {
      const message = shown.get(await deliver('action-', value, by, replica));
      return /"value":"(action\/[0-9a-f]{32})"/.exec(JSON.stringify(message?.blocks ?? []))?.[1];
    },
    async press(id, button, by = 'U1', replica = 0) {
      const url = await deliver(`run-action:${button}`, id, by, replica);
      return shown.get(url)?.text ?? last;
    },
    told: () => last,
    calls,
    reports,
    refused,
    status: async (id) => (await store.read(id))?.status,
    async settle() {
      for (let round = 0; round < 5; round++) {
        for (const { engine } of replicas) await engine.sweep();
        await clock.advance(0);
      }
    },
  };
}

function none(): void {
  // Nobody looks.
}

function registration(handlers: Map<string, Handler<Click>>): Registration {
  const never = () => {
    throw new Error('actions take clicks alone');
  };
  return {
    onAction: (prefix, handler) => void handlers.set(prefix, handler),
    onViewSubmission: never,
    onViewClosed: never,
    onShortcut: never,
    onCommand: never,
    onFunction: never,
  };
}

function clickOf(actionId: string, value: string, by: string, responseUrl: string): Click {
  return {
    type: 'block_actions',
    userId: by,
    userName: undefined,
    userTeamId: undefined,
    appId: 'A1',
    teamId: 'T1',
    enterpriseId: undefined,
    enterpriseInstall: false,
    actionId,
    blockId: 'b',
    element: 'button',
    value,
    selected: [],
    actionTs: '1.1',
    channelId: CHANNEL,
    messageTs: '1700000000.000100',
    threadTs: undefined,
    ephemeral: actionId !== 'action-',
    view: undefined,
    inputs: [],
    triggerId: undefined,
    responseUrl,
    step: undefined,
  };
}
