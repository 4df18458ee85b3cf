import type { ConfigPorts, Loaded } from './config/read-config.ts';
import type { ListenerLog } from './log.ts';
import { openStore } from './open-store.ts';
import type { OpenedStore } from './open-store.ts';
import type { Program } from './program.ts';
import type { Verb } from './verb.ts';

export interface VerbPorts extends ConfigPorts {
  readonly log: ListenerLog;
  readonly program: Program;
}

/** Runs one verb with a store that is opened when it asks for it. Resolves to the exit code. */
export async function runVerb(
  verb: Verb,
  args: readonly string[],
  loaded: Loaded,
  { program, ...ports }: VerbPorts,
): Promise<number> {
  let store: Promise<OpenedStore> | undefined;
  const line = (to: Program['stdout']) => (text: string) =>
    to.write(`${ports.redactor.redact(text).replace(/[^\P{Cc}\n\t]/gu, '')}\n`);
  try {
    return await verb.run(
      {
        ...loaded,
        ...ports,
        store: () => (store ??= openStore(loaded.config, false)),
        say: line(program.stdout),
        warn: line(program.stderr),
      },
      args,
    );
  } finally {
    const opened = await store?.catch(() => undefined);
    await opened?.close();
  }
}
