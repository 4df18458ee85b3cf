import { systemClock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import { createRedactor } from '../kit/redact.ts';
import type { Redactor } from '../kit/redact.ts';
import { readArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { LogLevel } from './config/config.ts';
import { readConfig } from './config/read-config.ts';
import { withRole } from './config/with-role.ts';
import { features } from './features.ts';
import { createListenerLog } from './log.ts';
import type { Program } from './program.ts';
import { runVerb } from './run-verb.ts';
import { serve } from './serve.ts';
import { usage, verbs } from './verbs.ts';

const LEAVE_MS = 1000;

/**
 * The listener as a process: without a verb it serves until SIGTERM. Resolves to the exit code: 0, 1 for an expected failure,
 * 2 for a bug; failures are on stderr as the steps tell them.
 */
export async function runListener(program: Program): Promise<number> {
  const redactor = createRedactor();
  let code: number;
  try {
    const given = readArguments(program.argv, program.env, verbs);
    code = given.help ? help(program) : await run(given, program, redactor);
  } catch (error) {
    code = report(error, program, redactor);
  }
  // All is said and done: a connection that does not close must not hold the process.
  setTimeout(() => program.exit(code), LEAVE_MS).unref();
  return code;
}

function help({ stdout }: Program): number {
  stdout.write(`${usage()}\n`);
  return 0;
}

async function run(given: Arguments, program: Program, redactor: Redactor): Promise<number> {
  let level: LogLevel = 'info';
  // A verb's stdout is its answer.
  const to = given.verb ? program.stderr : program.stdout;
  const clock = systemClock;
  const log = createListenerLog({ write: (line) => to.write(line), redactor, clock, level: () => level });
  let stale = (): void => undefined;
  const ports = { env: program.env, clock, log, redactor, stale: () => stale() };
  const loaded = await readConfig(given.config, ports);
  const config = withRole(loaded.config, given.role);
  level = config.logLevel;
  if (given.verb) return runVerb(given.verb, given.rest, { ...loaded, config }, { ...ports, program });
  return serve(config, features, { ...ports, program, onStale: (told) => (stale = told) });
}

function report(failure: unknown, { stderr }: Program, redactor: Redactor): number {
  const say = (line: string) => stderr.write(`${redactor.redact(line).replace(/[^\P{Cc}\n\t]/gu, '')}\n`);
  if (failure instanceof Fault) {
    say(`listener: ${failure.message.replace(/\s*\n\s*/g, ' ')} [${failure.code}]`);
    if (failure.hint !== undefined) say(`  hint: ${failure.hint}`);
    return 1;
  }
  say(
    `listener: unexpected: ${failure instanceof Error ? (failure.stack ?? failure.message) : messageOf(failure)}`,
  );
  say('  hint: this is a bug of the listener: report it with the lines above');
  return 2;
}
