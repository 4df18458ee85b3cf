import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isRecord, tryParseJson } from '../../src/kit/json.ts';
import type { Workspace } from '../workspace/start.ts';
import { listenerConfig } from './listener-config.ts';

export interface RunningListener {
  /** For `source.listener.url`. */
  readonly url: string;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Ends it; what it has saved stays in its folder. */
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '../../dist/listener.js');
/** An orderly end is a matter of milliseconds; a process that takes longer is ended hard. */
const PATIENCE_MS = 5000;

/**
 * Runs the listener as a process of its own, with its store in `folder`, and tells the workspace where to send clicks. Rejects
 * with what it logged when it ends before it is ready.
 */
export async function startListener(
  workspace: Workspace,
  gatewayUrl: string,
  folder: string,
): Promise<RunningListener> {
  const file = join(folder, 'listener.json');
  await writeFile(file, JSON.stringify(listenerConfig(workspace, gatewayUrl, folder)), { mode: 0o600 });
  const child = spawn(process.execPath, [PROGRAM, '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  // Also when the demo ends by an error, such as a closed pipe behind it.
  process.once('exit', () => child.kill('SIGKILL'));
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  try {
    const url = `http://127.0.0.1:${await portOf(child, said)}`;
    const interactions = { interactions: `${url}/slack/interactions` };
    workspace.slack.setRequestUrl('listener', interactions);
    workspace.slack.setRequestUrl('pipeline', interactions);
    return { url, log: () => said.join('\n'), stop: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

// Before Slack has told it who it is, no click counts.
async function portOf(child: ChildProcess, said: string[]): Promise<number> {
  const found = Promise.withResolvers<number>();
  child.once('error', found.reject);
  child.once('exit', () => found.reject(new Error(`the listener ended: ${said.join('\n')}`)));
  let port: unknown;
  if (child.stdout)
    createInterface(child.stdout).on('line', (line) => {
      said.push(line);
      const logged = tryParseJson(line);
      if (!isRecord(logged)) return;
      if (logged['msg'] === 'listening') port = logged['public_port'];
      if (logged['msg'] === 'Slack knows us') found.resolve(Number(port));
    });
  return found.promise;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(hard);
}
