import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeSlack } from '../../fakes/slack/server.ts';
import type { FakeSlack } from '../../fakes/slack/server.ts';
import { CREDENTIALS, startDynamo } from '../../store/dynamo-place.ts';
import type { DynamoPlace } from '../../store/dynamo-place.ts';
import { until } from '../../support/gate.ts';
import { withTempDir, writeTree } from '../../support/temp-dir.ts';
import { ALICE, BOB, CHANNEL, doorOf, ORIGIN, press, shows, threadOf } from './door.ts';
import type { Address, Door } from './door.ts';

const program = fileURLToPath(new URL('../../../dist/listener.js', import.meta.url));

type Role = 'all' | 'intake' | 'worker';

/** One process of a listener. */
export interface Replica extends Address {
  readonly door: Door;
  readonly log: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends it hard, and waits for its end. */
  readonly kill: () => Promise<void>;
  /** From now on Slack posts here. */
  readonly takesClicks: () => void;
}

export interface Cluster {
  readonly slack: FakeSlack;
  readonly dynamo: DynamoPlace;
  /** With nothing in its environment but the keys of the table. */
  start(role?: Role): Promise<Replica>;
}

const TABLE_KEYS = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
} as const;

const TOKEN = 'sensitive-listener-token-of-pipelines';

/** A load balancer: an address that leads to one process, then to another. */
export interface Balancer {
  readonly url: string;
  leadTo(replica: Address): void;
  close(): Promise<void>;
}

/**
 * Has a replica do everything once: the first calls to DynamoDB of a process take so much longer than the others that a busy
 * machine runs into their limit, and then a click is not saved. Those who click are known to it for a minute.
 */
export async function warmUp({ door, url }: Replica, slack: FakeSlack): Promise<void> {
  const { id, card } = await door.ask({ quorum: 2 });
  for (const [by, votes] of [
    [ALICE, 1],
    [BOB, 2],
  ] as const)
    while (Number((await door.view(id))['votes']) < votes)
      await press(slack, card, 'Approve', { by, url: `${url}/slack/interactions` });
  await door.becomes(id, 'approved');
  await door.claim(id, { origin: ORIGIN });
  await shows(slack, card, 'used by');
  await slack.when(() => threadOf(slack, card).length === 3);
}

export async function startBalancer(first: Address): Promise<Balancer> {
  let target = first.url;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const { hostname, port } = new URL(target);
    const far = connect({ host: hostname, port: Number(port) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.once('error', () => to.destroy()).once('close', () => to.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo({ url }) {
      target = url;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** Gives a test a workspace and a DynamoDB table made by `listener migrate`, and as many processes on it as it starts. */
export function withCluster(use: (cluster: Cluster) => Promise<void>): Promise<void> {
  return withTempDir(async (dir) => {
    const [slack, dynamo] = await Promise.all([startFakeSlack({ ackWithinMs: 30_000 }), startDynamo()]);
    const children: ChildProcess[] = [];
    await writeTree(dir, { 'listener.json': JSON.stringify(configOf(slack, dynamo)) });
    const run = (...args: readonly string[]) => {
      const all = [program, '--config', join(dir, 'listener.json'), ...args];
      const child = spawn(process.execPath, all, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: TABLE_KEYS,
        cwd: dir,
      });
      children.push(child);
      return child;
    };
    const start = async (role: Role = 'all'): Promise<Replica> => {
      const child = run('--role', role);
      let log = '';
      const gather = (chunk: Buffer) => void (log += chunk.toString());
      child.stdout.on('data', gather);
      child.stderr.on('data', gather);
      const port = () => /"public_port":(\d+)/.exec(log)?.[1];
      await until(() => port() !== undefined || ended(child));
      if (ended(child)) throw new Error(`the listener ended: ${log}`);
      const url = `http://127.0.0.1:${port()}`;
      await until(async () => (await fetch(`${url}/ready`)).status === 200);
      const at = { url, token: TOKEN };
      return {
        ...at,
        door: doorOf(at, slack, { patient: true }),
        log: () => log,
        signal: (name) => void child.kill(name),
        kill: () => kill(child),
        takesClicks: () => slack.setRequestUrl('listener', `${url}/slack/interactions`),
      };
    };
    try {
      const [code] = await once(run('migrate'), 'exit');
      if (code !== 0) throw new Error(`listener migrate ended with ${String(code)}`);
      await use({ slack, dynamo, start });
      slack.expectNoUnknown();
    } finally {
      await Promise.all(children.map(kill));
      await Promise.all([slack.close(), dynamo.end()]);
    }
  });
}

function ended({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function kill(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function configOf(slack: FakeSlack, { endpoint }: DynamoPlace): object {
  const { token, signingSecret } = slack.apps.listener;
  return {
    server: { host: '127.0.0.1', port: 0, shutdown_delay: '1s' },
    store: { dynamodb: { requests: 'listener' } },
    aws: { region: 'eu-central-1', endpoint },
    slack: { bot_token: token, signing_secret: signingSecret, api_url: slack.apiUrl },
    tokens: [{ name: 'ci-main', token: TOKEN, may: ['open', 'read', 'claim'], gates: ['release'] }],
    gates: {
      release: {
        approvers: [ALICE, BOB],
        channels: [CHANNEL],
        unknown_requester: 'allow',
        require_reason: 'never',
      },
    },
    audit: { key: 'sensitive-audit-key-of-at-least-32-characters' },
  };
}
