import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Session } from '../fakes/aws/sessions.ts';
import type { FakeGatewayOptions } from '../fakes/gateway/options.ts';
import { startFakeGateway } from '../fakes/gateway/server.ts';
import type { FakeGateway } from '../fakes/gateway/server.ts';
import type { Click } from '../fakes/slack/click.ts';
import type { FakeSlackOptions } from '../fakes/slack/options.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { FakeSlack } from '../fakes/slack/server.ts';
import type { Ephemeral, Message } from '../fakes/slack/workspace.ts';
import { startFakeSts } from '../fakes/sts/server.ts';
import type { FakeSts } from '../fakes/sts/server.ts';
import { runStep } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { withTempDir, writeTree } from '../support/temp-dir.ts';
import { BUILD } from '../support/world.ts';

export const ALICE = 'U0ALICE0001';
export const BOB = 'U0BOB000001';
export const TOKEN = 'sensitive-listener-token-of-ci-main';
export const OTHER_TOKEN = 'sensitive-listener-token-of-ci-other';
export const ROLE = 'arn:aws:iam::123456789012:role/ci/listener';

type Tree = Readonly<Record<string, unknown>>;

/** A listener as a process, two apps in a workspace, a service behind API Gateway, and pipelines that post buttons. */
export interface ActionsWorld {
  readonly slack: FakeSlack;
  readonly gateway: FakeGateway;
  readonly sts: FakeSts;
  /** Posts a message by a real put, by default with the button Deploy. */
  readonly put: (change?: PutChange) => Promise<StepResult>;
  /** Clicks the button of the only message that has it, or of the one at `ts`. */
  readonly click: (by?: string, at?: { readonly ts?: string; readonly button?: string }) => Promise<Click>;
  /** Clicks, and waits for what the person alone is shown. */
  readonly ask: (by?: string, at?: { readonly ts?: string; readonly button?: string }) => Promise<Ephemeral>;
  readonly press: (dialog: Ephemeral, button: 'Run' | 'Cancel', by?: string) => Promise<Click>;
  /** The last thing that somebody alone was told, once it matches. */
  readonly told: (words: RegExp, user?: string) => Promise<string>;
  /** The line in the thread of the button that matches, once it is there. */
  readonly reported: (words: RegExp) => Promise<Message>;
  readonly reports: () => readonly Message[];
  /** Runs a verb to its end, and gives what it prints. */
  readonly verb: (...args: readonly string[]) => Promise<string>;
  readonly metric: (line: string) => Promise<number>;
  readonly log: () => string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again at the same address with the same store, with another configuration where one is given. */
  start(change?: Tree): Promise<void>;
}

export interface PutChange {
  readonly token?: string;
  readonly params?: Tree;
}

export interface ActionsSetup {
  /** Laid over the action `deploy`. */
  readonly action?: Tree;
  /** Laid over the configuration, section by section. */
  readonly config?: Tree;
  readonly slack?: FakeSlackOptions;
  readonly gateway?: FakeGatewayOptions;
  /** Pipelines post with the listener's own app. */
  readonly oneApp?: boolean;
}

const program = fileURLToPath(new URL('../../dist/listener.js', import.meta.url));

export function withActions(setup: ActionsSetup, use: (world: ActionsWorld) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const sessions = new Map<string, Session>();
    const slack = await startFakeSlack({ ackWithinMs: 30_000, ...setup.slack });
    const gateway = await startFakeGateway({ sessions, ...setup.gateway });
    const sts = await startFakeSts({ sessions, roles: { [ROLE]: {} } });
    const state: State = { port: 0, log: '', setup };
    const world = worldOf({ slack, gateway, sts }, dir, state);
    try {
      await world.start();
      await use(world);
      slack.expectNoUnknown();
      gateway.expectNoUnknown();
      sts.expectNoUnknown();
    } finally {
      await world.stop('SIGKILL');
      await Promise.all([slack.close(), gateway.close(), sts.close()]);
    }
  });
}

interface Fakes {
  readonly slack: FakeSlack;
  readonly gateway: FakeGateway;
  readonly sts: FakeSts;
}

interface State {
  child?: ChildProcess;
  port: number;
  log: string;
  readonly setup: ActionsSetup;
}

function worldOf(fakes: Fakes, dir: string, state: State): ActionsWorld {
  const { slack } = fakes;
  const app = state.setup.oneApp === true ? slack.apps.listener : slack.apps.pipelines;
  const file = join(dir, 'listener.json');
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'sensitive-secret-access-key',
    LISTENER_CONFIG: file,
  };
  const click: ActionsWorld['click'] = (by = ALICE, { ts, button = 'Deploy' } = {}) =>
    slack.click({ channel: 'releases', button, by, ...(ts !== undefined && { ts }) });
  const reports = () => slack.messages().filter(({ thread_ts: thread }) => thread !== undefined);
  return {
    ...fakes,
    put: ({ token = TOKEN, params = {} } = {}) =>
      runStep(
        'out',
        {
          source: {
            channel: 'C0RELEASES1',
            slack: { token: app.token, api_url: slack.apiUrl },
            listener: { url: `http://127.0.0.1:${state.port}`, token },
          },
          params: { text: 'Version 1.2.3 is out', buttons: [BUTTON], ...params },
        },
        { dir, env: BUILD },
      ),
    click,
    async ask(by = ALICE, at = {}) {
      const clicked = await click(by, at);
      return slack.when(() => clicked.ephemerals[0]);
    },
    press: (dialog, button, by = ALICE) => slack.click({ message: dialog, button, by }),
    told: (words, user = ALICE) =>
      slack.when(() => slack.ephemerals(user).findLast(({ text }) => words.test(text))?.text),
    reported: (words) => slack.when(() => reports().find((one) => words.test(JSON.stringify(one)))),
    reports,
    async verb(...args) {
      const child = spawn(process.execPath, [program, ...args], { env });
      let text = '';
      const take = (chunk: Buffer) => (text += chunk.toString());
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      await once(child, 'close');
      return text;
    },
    async metric(line) {
      const text = await (await fetch(`http://127.0.0.1:${state.port}/metrics`)).text();
      const found = text.split('\n').find((one) => one.startsWith(`${line} `));
      return Number(found?.slice(line.length) ?? 0);
    },
    log: () => state.log,
    async start(change = {}) {
      const config = configOf(fakes, dir, state, change);
      await writeTree(dir, { 'listener.json': JSON.stringify(config) });
      const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'], env });
      state.child = child;
      state.port = await listening(child, (text) => (state.log += text));
      for (const name of ['listener', 'pipeline'])
        slack.setRequestUrl(name, `http://127.0.0.1:${state.port}/slack/interactions`);
    },
    async stop(signal = 'SIGTERM') {
      const { child } = state;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      // A second one says: do not wait for load balancers.
      if (signal === 'SIGTERM') child.kill(signal);
      await exited;
    },
  };
}

export const BUTTON = { text: 'Deploy', action: 'deploy', value: { deployment: 'app' }, style: 'primary' };

function configOf({ slack, gateway, sts }: Fakes, dir: string, state: State, change: Tree): Tree {
  const { listener, pipelines } = slack.apps;
  const { action, config, oneApp } = state.setup;
  const pipelineApp = { app_id: pipelines.id, signing_secret: pipelines.signingSecret };
  return {
    server: { host: '127.0.0.1', port: state.port, shutdown_delay: '1s' },
    store: { sqlite: join(dir, 'listener.db') },
    slack: {
      bot_token: listener.token,
      signing_secret: listener.signingSecret,
      api_url: slack.apiUrl,
      ...(oneApp !== true && { pipeline_app: pipelineApp }),
    },
    tokens: [
      { name: 'ci-main', token: TOKEN, may: ['open'], actions: ['deploy'] },
      { name: 'ci-other', token: OTHER_TOKEN, may: ['open'] },
    ],
    aws: { region: 'eu-west-1', endpoint: sts.url },
    gateway: { url: gateway.url, headers: { 'x-api-key': 'sensitive-api-key' }, timeout: '20s' },
    actions: { deploy: { ...ACTION, ...action } },
    audit: { key: 'sensitive-audit-key-of-at-least-32-characters' },
    ...config,
    ...change,
  };
}

export const ACTION: Tree = {
  allow: [ALICE, BOB],
  value: {
    type: 'object',
    properties: { deployment: { enum: ['app', 'api'] } },
    required: ['deployment'],
    additionalProperties: false,
  },
  confirm: 'Deploy {{value.deployment}} for {{user.name}}?',
  call: {
    path: '/deploy',
    body: { deployment: '{{value.deployment}}', user_id: '{{user.id}}', by: '{{token}}' },
  },
};

/** The port that it says it listens on, once it knows who it is; rejects with its log when it ends before. */
function listening(child: ChildProcess, said: (text: string) => void): Promise<number> {
  let log = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      said(chunk.toString());
      const port = /"public_port":(\d+)/.exec(log)?.[1];
      if (port !== undefined && log.includes('Slack knows us')) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the listener ended: ${log}`)));
  });
}
