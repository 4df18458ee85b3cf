import { join } from 'node:path';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import { until } from './gate.ts';
import { runToEnd, startListener } from './listener.ts';
import type { StartedListener, VerbResult } from './listener.ts';
import { withTempDir, writeTree } from './temp-dir.ts';

/** A listener as a process, with its own Slack app in a fake workspace. */
export interface ListenerProcess {
  readonly url: string;
  readonly token: string;
  readonly slack: FakeSlack;
  /** Where its configuration `listener.json` is, and its store `listener.db`. */
  readonly dir: string;
  /** Runs `listener VERB`, beside it or after it. */
  readonly verb: (...args: readonly string[]) => Promise<VerbResult>;
  /** What `/metrics` says. */
  readonly metrics: () => Promise<string>;
  /** Everything it has logged. */
  readonly log: () => string;
  /** Sends it a signal that does not end it: SIGSTOP, SIGCONT. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends it, by SIGTERM unless told otherwise. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, at the same address with the same store; with another configuration where `change` says so. */
  start(change?: Pick<ListenerSetup, 'gate' | 'config'>): Promise<void>;
}

export interface ListenerSetup {
  /** Laid over the policy of the gate `release`. */
  readonly gate?: Readonly<Record<string, unknown>>;
  readonly slack?: FakeSlackOptions;
  /** A workspace that is there already, as a second replica has it. */
  readonly workspace?: FakeSlack;
  /** Laid over the section `server`. */
  readonly server?: Readonly<Record<string, unknown>>;
  /** Further sections of the configuration; `{dir}` in a text stands for the folder of the store. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Before the first start. */
  readonly before?: (run: (...args: readonly string[]) => Promise<VerbResult>) => Promise<void>;
  readonly args?: readonly string[];
  /** Files beside the configuration, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

const TOKEN = 'sensitive-listener-token-of-pipelines';

/** Runs the listener against a fake workspace where alice and bob may approve, and ends both. */
export function withListenerProcess(
  setup: ListenerSetup,
  use: (listener: ListenerProcess) => Promise<void>,
): Promise<void> {
  return withTempDir(async (dir) => {
    const slack = setup.workspace ?? (await startFakeSlack({ ackWithinMs: 30_000, ...setup.slack }));
    const state = { port: 0 };
    const started: StartedListener[] = [];
    const { env = {} } = setup;
    const writeConfig = (change: Pick<ListenerSetup, 'gate' | 'config'> = {}) => {
      const config = configOf(slack, dir, state.port, { ...setup, ...change });
      return writeTree(dir, {
        ...setup.files,
        'listener.json': JSON.stringify(config).replaceAll('{dir}', dir),
      });
    };
    const config = ['--config', join(dir, 'listener.json')];
    const verb = (...args: readonly string[]) => runToEnd({ args: [...config, ...args], env }, dir);
    const start: ListenerProcess['start'] = async (change) => {
      await writeConfig(change);
      const listener = startListener({ args: [...config, ...(setup.args ?? [])], env }, dir);
      started.push(listener);
      state.port = Number((await listener.logged('listening'))['public_port']);
      await until(() => isReady(state.port));
      slack.setRequestUrl('listener', `http://127.0.0.1:${state.port}/slack/interactions`);
    };
    const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
      const listener = started.at(-1);
      listener?.signal(signal);
      // A second one says: do not wait for load balancers.
      if (signal === 'SIGTERM') listener?.signal(signal);
      await listener?.ended();
    };
    try {
      await writeConfig();
      await setup.before?.(verb);
      await start();
      const url = `http://127.0.0.1:${state.port}`;
      const metrics = async () => (await fetch(`${url}/metrics`)).text();
      const log = () => started.map(({ output }) => output()).join('');
      const signal = (name: NodeJS.Signals) => started.at(-1)?.signal(name);
      await use({ url, token: TOKEN, slack, dir, verb, metrics, log, signal, stop, start });
      slack.expectNoUnknown();
    } finally {
      await stop('SIGKILL');
      if (!setup.workspace) await slack.close();
    }
  });
}

function configOf(
  slack: FakeSlack,
  dir: string,
  port: number,
  { gate, config, server }: ListenerSetup,
): object {
  const { token, signingSecret } = slack.apps.listener;
  return {
    server: { host: '127.0.0.1', port, shutdown_delay: '1s', ...server },
    store: { sqlite: join(dir, 'listener.db') },
    slack: { bot_token: token, signing_secret: signingSecret, api_url: slack.apiUrl },
    tokens: [
      {
        name: 'ci-main',
        token: TOKEN,
        may: ['open', 'read', 'claim'],
        gates: ['release'],
        max_open: 500,
      },
    ],
    gates: {
      release: {
        approvers: ['U0ALICE0001', 'U0BOB000001'],
        channels: ['C0RELEASES1'],
        unknown_requester: 'allow',
        max_open: 500,
        ...gate,
      },
    },
    audit: { key: 'sensitive-audit-key-of-at-least-32-characters' },
    ...config,
  };
}

// A click on a listener that does not know its own app yet is answered 503.
async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
}
