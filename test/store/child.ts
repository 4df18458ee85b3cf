import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const sqlite = new URL('../../src/store/sqlite.ts', import.meta.url).href;
const sample = new URL('sample.ts', import.meta.url).href;

export interface Child {
  readonly process: ChildProcess;
  /** Every line of stdout so far. */
  readonly lines: readonly string[];
  /** Resolves when stdout has so many lines; rejects with stderr when the process ends before. */
  has(lines: number): Promise<void>;
  /** Kills it as the kernel would, and waits for its end. */
  kill(): Promise<void>;
  /** Its exit code, when it ends by itself. */
  ended(): Promise<number | null>;
}

/**
 * A process of its own that runs `code`, a module with `openSqliteStore`, `sampleRecord`, `sampleAudit`, `say` (one line on
 * stdout, written before it returns) and `args`.
 */
export function startChild(code: string, ...args: readonly string[]): Child {
  const program = `
    import { writeSync } from 'node:fs';
    const { openSqliteStore } = await import(${JSON.stringify(sqlite)});
    const { sampleRecord, sampleAudit } = await import(${JSON.stringify(sample)});
    const args = process.argv.slice(1);
    const say = (line) => writeSync(1, line + '\\n');
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const errors: Buffer[] = [];
  let ended = false;
  const end = once(child, 'close').then(([exit]: unknown[]) => {
    ended = true;
    return typeof exit === 'number' ? exit : null;
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  return {
    process: child,
    lines,
    async has(count) {
      while (lines.length < count) {
        if (ended) throw new Error(`the child ended: ${Buffer.concat(errors).toString()}`);
        await Promise.race([once(reader, 'line'), end]);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await end;
    },
    ended: () => end,
  };
}
