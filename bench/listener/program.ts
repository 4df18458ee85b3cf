import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';
import { SIGNING_SECRET } from './clicks.ts';
import { AUDIT_KEY, GROUP } from './requests.ts';

/** A server that runs as a process of its own. */
export interface RunningProgram {
  readonly origin: string;
  /** Processor time it has used so far. */
  cpuMs(): number;
  /** VmRSS: what lies in memory now. */
  residentMiB(): number;
  /** Resolves when it has done next to nothing for half a second. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export const TOKEN = 'a-listener-token-of-the-bench';
const QUIET_MS = 500;
const MOST_SAID = 100_000;

export interface ListenerWish {
  readonly dir: string;
  readonly slackApi: string;
  /** Nothing follows from a click. */
  readonly clicksAlone?: boolean;
  /** Laid over the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

const CLICKS_ALONE = join(import.meta.dirname, 'clicks-alone.ts');

/** Runs `dist/listener.js` with the store `listener.db` of a folder; resolves once Slack has said who it is. */
export function startListener({
  dir,
  slackApi,
  clicksAlone = false,
  config,
  env,
}: ListenerWish): Promise<RunningProgram> {
  const file = join(dir, 'listener.json');
  writeFileSync(
    file,
    JSON.stringify({
      server: {
        host: '127.0.0.1',
        port: 0,
        shutdown_delay: '1s',
        rate_limits: { remote: '100000000/m', token: '100000000/m' },
      },
      store: { sqlite: join(dir, 'listener.db') },
      slack: { bot_token: 'xoxb-not-a-token', signing_secret: SIGNING_SECRET, api_url: slackApi },
      tokens: [{ name: 'ci-main', token: TOKEN, may: ['open', 'read', 'claim'], gates: ['*'] }],
      gates: { '*': { approvers: [GROUP], unknown_requester: 'allow' } },
      audit: { key: AUDIT_KEY },
      ...config,
    }),
  );
  const args = clicksAlone ? [CLICKS_ALONE, file] : [join(ROOT, 'dist/listener.js'), '--config', file];
  return startProgram(args, env ?? {}, [/"public_port":(\d+)/, /Slack knows us/]);
}

/** Runs Node with these arguments until `stop`; ready when its output has matched all patterns, one of which finds its port. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: readonly RegExp[],
): Promise<RunningProgram> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = (chunk: Buffer) => {
    if (said.length > MOST_SAID)
      return reject(new Error(`${args.join(' ')} says too much:\n${said.slice(0, 2000)}`));
    said += chunk.toString();
    if (ready.every((pattern) => pattern.test(said))) resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('error', reject).once('exit', () => reject(new Error(`${args.join(' ')} ended:\n${said}`)));
  await promise;
  for (const stream of [child.stdout, child.stderr]) stream.off('data', read).resume();
  const port = ready.map((pattern) => pattern.exec(said)?.[1]).find((found) => found !== undefined);
  const cpuMs = () => cpuOf(child.pid);
  return {
    origin: `http://127.0.0.1:${port}`,
    cpuMs,
    residentMiB: () => Number(/VmRSS:\s+(\d+) kB/.exec(proc(child.pid, 'status'))?.[1] ?? 0) / 1024,
    async quiet() {
      for (let before = Number.NaN; !(cpuMs() - before <= 20); await pause()) before = cpuMs();
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

// User and system time are fields 14 and 15, in hundredths of a second.
function cpuOf(pid: number | undefined): number {
  const fields = proc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

function proc(pid: number | undefined, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}
