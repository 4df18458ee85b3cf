import { readFileSync } from 'node:fs';
import { validate } from '../../../generated/listener.js';
import type { Clock } from '../../kit/clock.ts';
import { Fault, messageOf, systemCode } from '../../kit/fault.ts';
import { isRecord } from '../../kit/json.ts';
import { withoutNulls } from '../../kit/nulls.ts';
import type { Log } from '../../kit/log.ts';
import type { Redactor } from '../../kit/redact.ts';
import { joinProblems } from '../../kit/schema-problems.ts';
import type { Problem } from '../../kit/schema-problems.ts';
import { parseYaml } from '../../kit/yaml.ts';
import { schemaProblems } from './check-schema.ts';
import { crossCheck } from './cross-check.ts';
import type { Config } from './config.ts';
import { withEnvDefaults } from './env-defaults.ts';
import { refine } from './refine.ts';
import { resolveReferences } from './resolve.ts';
import type { Resolved } from './resolve.ts';
import type { ListenerFile } from './schema.ts';
import { isSecretPlace, secretMistake } from './secret-rules.ts';
import { mapped, pathOf, textsAt } from './places.ts';

export interface ConfigPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
  /** Learns every secret, also those read later. */
  readonly redactor: Redactor;
  /** Told when a secret could not be read again. */
  readonly stale?: () => void;
}

/** What came of reading the file: everything that is known to the listener about its configuration. */
export interface Loaded {
  readonly config: Config;
  /** The document as it is after references and environment, for check-config. */
  readonly resolved: Resolved;
  /** The file it was read from. */
  readonly file?: string | undefined;
}

const LARGEST = 4 * 1024 * 1024;

/**
 * Reads the configuration file (none: an empty one), its references and the environment. Throws a Fault CONFIG_INVALID that
 * tells everything that is wrong with it at once, by path.
 */
export async function readConfig(file: string | undefined, ports: ConfigPorts): Promise<Loaded> {
  const given = withoutNulls(file === undefined ? {} : parseFile(file));
  if (!isRecord(given)) throw invalid(`${file} must hold a map of sections`);
  const resolved = await resolveReferences(withEnvDefaults(given, ports.env), {
    env: ports.env,
    clock: ports.clock,
    file: file ?? '.',
    events: (pointer) => eventsOf(pointer, ports),
    secretStores: (document) => secretStores(document, ports.env),
  });
  registerSecrets(resolved, ports.redactor);
  return { ...check(resolved), resolved, file };
}

function check(resolved: Resolved): { readonly config: Config } {
  const mistakes = [...resolved.mistakes].map(([pointer, message]) => ({ path: pathOf(pointer), message }));
  const document = coerced(resolved);
  const schema = schemaProblems(document);
  const told = new Set([...mistakes, ...schema].map(({ path }) => path));
  const isNews = ({ path }: Problem) => !told.has(path);
  const problems = [
    ...mistakes,
    ...schema.filter(({ path }) => !mistakes.some((mistake) => mistake.path === path)),
    ...secretProblems(document).filter(isNews),
    ...crossCheck(isRecord(document) ? document : {}).filter(isNews),
  ];
  if (problems.length > 0 || !isListenerFile(document)) throw invalid(joinProblems(problems));
  return { config: refine(document, resolved.referred) };
}

function isListenerFile(value: unknown): value is ListenerFile {
  return validate(value);
}

// What a reference leads to is text; where a number or a choice of true and false is asked for, it is read as one.
function coerced({ document, referred }: Resolved): unknown {
  if (validate(document)) return document;
  const wanted = new Map(
    (validate.errors ?? [])
      .filter(({ keyword, instancePath }) => keyword === 'type' && referred.has(instancePath))
      .map(({ instancePath, params }) => [instancePath, params['type']]),
  );
  if (wanted.size === 0) return document;
  return mapped(document, (value, pointer) => {
    const type = wanted.get(pointer);
    if (type === 'integer' && typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
    if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
    return value;
  });
}

function secretProblems(document: unknown): Problem[] {
  return textsAt(document).flatMap(({ pointer, text }) => {
    const message = secretMistake(pointer, text);
    return message === undefined ? [] : [{ path: pathOf(pointer), message }];
  });
}

// Before anything is checked, so that no message about a wrong file can print what it holds.
function registerSecrets({ document, referred, mistakes }: Resolved, redactor: Redactor): void {
  for (const { pointer, text } of textsAt(document))
    if (isSecretPlace(pointer, referred.has(pointer)) && !mistakes.has(pointer)) redactor.add(text);
}

function eventsOf(pointer: string, { log, redactor, stale = () => undefined }: ConfigPorts) {
  const path = pathOf(pointer);
  return {
    changed: (value: string) => {
      const wrong = secretMistake(pointer, value);
      if (wrong === undefined) {
        redactor.add(value);
        log.info(`${path} has changed and is in use`);
      }
      return wrong;
    },
    stale: (reason: string) => {
      log.warn(`${path}: the new value ${reason}; the one before stays in use`);
      stale();
    },
  };
}

async function secretStores(document: unknown, env: NodeJS.ProcessEnv) {
  const { createSecretStores } = await import('../../aws/secret-stores.ts');
  const aws = isRecord(document) && isRecord(document['aws']) ? document['aws'] : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return createSecretStores(text(aws['region']), text(aws['endpoint']), env);
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`${file} cannot be read: ${systemCode(error) ?? messageOf(error)}`, { cause: error });
  }
  if (text.length > LARGEST) throw invalid(`${file} is longer than ${LARGEST} characters`);
  try {
    const document: unknown = parseYaml(text, { logLevel: 'error', maxAliasCount: 100 });
    return document ?? {};
  } catch (error) {
    // The parser quotes the line, which may hold a secret.
    const [what = ''] = messageOf(error).split('\n');
    throw invalid(`${file} is not YAML: ${what.replace(/:$/, '')}`, {
      hint: /\{[^}\n]*:\s*\$\{/.test(text)
        ? 'inside { } a reference needs quotes: "${NAME}"'
        : 'see the line that it names and the next: keys of one section begin in the same column, after spaces',
    });
  }
}

function invalid(message: string, details: { hint?: string; cause?: unknown } = {}): Fault {
  const hint =
    'see docs/operations.md and assets/schema/listener.json; listener check-config tells what it reads';
  return new Fault('CONFIG_INVALID', message, { hint, ...details });
}
