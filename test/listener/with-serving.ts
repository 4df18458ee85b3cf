import { join } from 'node:path';
import { createRedactor } from '../../src/kit/redact.ts';
import { createListenerLog } from '../../src/listener/log.ts';
import type { Feature, MakeFeature } from '../../src/listener/parts.ts';
import { serve } from '../../src/listener/serve.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { withTempDir } from '../support/temp-dir.ts';
import { configOf } from './config/load.ts';

type Line = Readonly<Record<string, unknown>>;

/** A process as the listener sees it, whose signals a test sends. */
export interface FakeProgram {
  readonly signal: (name: 'SIGTERM' | 'SIGINT') => void;
  /** The exit code of an orderly end. */
  readonly ended: Promise<number>;
  /** Codes it was ended with at once. */
  readonly exited: readonly number[];
}

export interface Serving {
  readonly origin: string;
  readonly dir: string;
  readonly program: FakeProgram;
  /** Stands still: a delay ends by a second signal, or when the test lets time pass. */
  readonly clock: ManualClock;
  /** The first log line with this text, now or later. */
  readonly logged: (msg: string) => Promise<Line>;
}

export interface ServingSetup {
  readonly features: readonly (Feature | MakeFeature)[];
  readonly config?: string;
  /** Folder of the store; default a new one. */
  readonly dir?: string;
}

/** Runs the listener in this process with these parts. */
export function withServing(setup: ServingSetup, use: (serving: Serving) => Promise<void>): Promise<void> {
  return setup.dir === undefined ? withTempDir((dir) => run(setup, dir, use)) : run(setup, setup.dir, use);
}

async function run(
  setup: ServingSetup,
  dir: string,
  use: (serving: Serving) => Promise<void>,
): Promise<void> {
  const config = await configOf(setup.config ?? '');
  const clock = manualClock();
  const redactor = createRedactor();
  const journal = createJournal();
  const log = createListenerLog({
    write: (text) => journal.write(text),
    redactor,
    clock,
    level: () => 'debug',
  });
  const signals = new Map<string, Set<() => void>>();
  const exited: number[] = [];
  const nothing = { write: () => true };
  const program = {
    argv: [],
    env: {},
    stdout: nothing,
    stderr: nothing,
    on: (event: string, listener: () => void) =>
      signals.set(event, (signals.get(event) ?? new Set()).add(listener)),
    exit: (code: number) => exited.push(code),
  };
  const make = setup.features.map(
    (feature): MakeFeature => (typeof feature === 'function' ? feature : () => Promise.resolve(feature)),
  );
  const ended = serve(
    {
      ...config,
      server: { ...config.server, host: '127.0.0.1', port: 0 },
      store: { kind: 'sqlite', path: join(dir, 'listener.db') },
    },
    make,
    { env: {}, clock, log, redactor, program, onStale: () => undefined },
  );
  const signal = (name: 'SIGTERM' | 'SIGINT') => {
    for (const listener of signals.get(name) ?? []) listener();
  };
  const listening = await Promise.race([journal.logged('listening'), ended.then(() => ({}))]);
  const origin = `http://127.0.0.1:${String(Reflect.get(listening, 'public_port'))}`;
  try {
    await use({ origin, dir, program: { signal, ended, exited }, clock, logged: journal.logged });
  } finally {
    if (exited.length === 0) {
      signal('SIGTERM');
      signal('SIGTERM');
      await ended;
    }
  }
}

function createJournal() {
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  return {
    write(text: string) {
      lines.push(JSON.parse(text));
      for (const look of waiting) look();
    },
    logged: (msg: string) =>
      new Promise<Line>((resolve) => {
        const look = () => {
          const line = lines.find((one) => one['msg'] === msg);
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
      }),
  };
}
