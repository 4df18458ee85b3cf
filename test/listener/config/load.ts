import { join } from 'node:path';
import { Fault } from '../../../src/kit/fault.ts';
import { createRedactor } from '../../../src/kit/redact.ts';
import type { Redactor } from '../../../src/kit/redact.ts';
import { readConfig } from '../../../src/listener/config/read-config.ts';
import type { Loaded } from '../../../src/listener/config/read-config.ts';
import type { Config } from '../../../src/listener/config/config.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { withTempDir, writeTree } from '../../support/temp-dir.ts';

export const BOT_TOKEN = 'xoxb-sensitive-bot-token';
export const SIGNING_SECRET = 'sensitive-signing-secret-0001';
export const TOKEN = 'sensitive-listener-token-0001';

export interface LoadOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

export interface LoadedFile extends Loaded {
  readonly dir: string;
  readonly warnings: readonly string[];
  readonly staleCount: () => number;
  readonly redactor: Redactor;
  /** Lets the time of the listener go on. */
  readonly pass: (ms: number) => void;
}

/** Reads a configuration file with this text; `{dir}` stands for its folder. */
export function withConfig(
  text: string,
  use: (loaded: LoadedFile) => Promise<void> | void,
  { env = {}, files = {} }: LoadOptions = {},
): Promise<void> {
  return withTempDir(async (dir) => {
    await writeTree(dir, { ...files, 'listener.yaml': text.replaceAll('{dir}', dir) });
    const warnings: string[] = [];
    const clock = manualClock();
    const redactor = createRedactor();
    let stale = 0;
    const log = { info: () => undefined, warn: (line: string) => void warnings.push(line) };
    const loaded = await readConfig(join(dir, 'listener.yaml'), {
      env,
      clock,
      log,
      redactor,
      stale: () => (stale += 1),
    });
    await use({
      ...loaded,
      dir,
      warnings,
      redactor,
      staleCount: () => stale,
      pass: (ms) => clock.freeze(ms),
    });
  });
}

/** The refined configuration of a text. */
export async function configOf(text: string, options: LoadOptions = {}): Promise<Config> {
  let config: Config | undefined;
  await withConfig(text, (loaded) => void (config = loaded.config), options);
  if (config === undefined) throw new Error('unreachable: it was read or threw');
  return config;
}

/** The problems of a text, one a line. Throws when there are none. */
export async function problemsOf(text: string, options: LoadOptions = {}): Promise<readonly string[]> {
  try {
    await configOf(text, options);
  } catch (error) {
    if (error instanceof Fault && error.code === 'CONFIG_INVALID') return error.message.split('; ');
    throw error;
  }
  throw new Error('the configuration was taken');
}
