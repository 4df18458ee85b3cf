import { didYouMean } from '../kit/did-you-mean.ts';
import { Fault } from '../kit/fault.ts';
import type { Role } from './config/config.ts';
import type { Verb } from './verb.ts';

export interface Arguments {
  readonly config: string | undefined;
  readonly role: Role | undefined;
  /** Undefined: run the listener. */
  readonly verb: Verb | undefined;
  /** What follows the verb. */
  readonly rest: readonly string[];
  readonly help: boolean;
}

const ROLES: readonly Role[] = ['all', 'intake', 'worker'];

/** Reads `[--config FILE] [--role all|intake|worker] [VERB …]`. Throws a Fault CONFIG_INVALID that names what is wrong. */
export function readArguments(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  verbs: readonly Verb[],
): Arguments {
  const read: { config?: string; role?: Role; verb?: Verb; help?: boolean } = {};
  const rest: string[] = [];
  const words = argv.slice(2);
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const value = () => inline ?? words.shift() ?? wrong(`--${name} needs a value`);
    if (word === '--help' || word === '-h') read.help = true;
    else if (name === 'config') read.config = value();
    else if (name === 'role') read.role = roleOf(value());
    else if (read.verb !== undefined) rest.push(word);
    else if (word.startsWith('-')) wrong(`${word} is no option`);
    else read.verb = verbOf(word, verbs);
  }
  return {
    config: read.config ?? (env['LISTENER_CONFIG'] || undefined),
    role: read.role,
    verb: read.verb,
    rest,
    help: read.help === true,
  };
}

function roleOf(text: string): Role {
  return ROLES.find((role) => role === text) ?? wrong(`--role must be one of ${ROLES.join(', ')}`);
}

function verbOf(word: string, verbs: readonly Verb[]): Verb {
  const found = verbs.find(({ name }) => name === word);
  if (found) return found;
  const near = didYouMean(
    word,
    verbs.map(({ name }) => name),
  );
  return wrong(`${JSON.stringify(word)} is no verb${near === undefined ? '' : `, did you mean ${near}?`}`);
}

function wrong(message: string): never {
  throw new Fault('CONFIG_INVALID', message, { hint: 'listener --help names all verbs and options' });
}
