import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './paths.ts';

export interface ServerProcess {
  /** Asks for the server's word: its first one holds addresses, later ones hold counts. */
  ask(): Promise<Readonly<Record<string, string | number>>>;
  /** Tells the server what to do from now on; what that may be is said in its file. */
  tell(word: string): void;
  close(): void;
}

/** Runs a file of bench/servers/ as a process of its own, so that its work is not counted as ours. */
export function startServers(file: string): ServerProcess {
  const child = fork(join(ROOT, 'bench/servers', file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    async ask() {
      child.send('ask');
      const message: unknown = (await once(child, 'message'))[0];
      return wordsOf(message);
    },
    tell: (word) => void child.send(word),
    close: () => void child.kill(),
  };
}

function wordsOf(message: unknown): Record<string, string | number> {
  if (typeof message !== 'object' || message === null) throw new Error('the servers said nothing');
  const words: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(message)) {
    if (typeof value === 'string' || typeof value === 'number') words[name] = value;
  }
  return words;
}
