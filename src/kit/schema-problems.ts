import { didYouMean } from './did-you-mean.ts';
import { kindOf } from './json.ts';

/** One thing that is wrong with what somebody wrote, and where. */
export interface Problem {
  /** `source.channel`, `params.artifacts[1].as` */
  readonly path: string;
  readonly message: string;
}

/** An Ajv error as far as it is read here. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A validator that the build has generated from a schema. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** The keys of a schema by the JSON pointer of their place; `*` stands for any index or name. */
export type Keys = Readonly<Record<string, readonly string[]>>;

/** What differs from one kind of document to another. */
export interface Words {
  /** Appended to "unknown key": `, did you mean channel?` */
  readonly advise: (pointer: string, key: string) => string;
  /** What a text must look like that does not match its pattern. */
  readonly pattern: (pointer: string, pattern: string, text: string) => string;
}

/**
 * What the validator found wrong with the value when it ran last, each thing once, in the words of its author; never a value,
 * which may be secret.
 */
export function problemsIn(root: string, validate: Validator, value: unknown, words: Words): Problem[] {
  const problems = (validate.errors ?? []).map((error) => problemOf(root, error, value, words));
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const text = `${path} ${message}`;
    return seen.has(text) ? false : seen.add(text);
  });
}

const MOST_TOLD = 50;

/** `params.a: required; params.b: unknown key`: the problems on one line, which a person can still read. */
export function joinProblems(problems: readonly Problem[]): string {
  const told = problems.slice(0, MOST_TOLD).map(({ path, message }) => `${path}: ${message}`);
  return [...told, ...(problems.length > MOST_TOLD ? [`${problems.length - MOST_TOLD} more`] : [])].join(
    '; ',
  );
}

function problemOf(root: string, error: SchemaError, value: unknown, words: Words): Problem {
  const at = (...keys: readonly string[]) => pathOf(root, error.instancePath, keys);
  const have = kindOf(valueAt(value, error.instancePath));
  const limit = String(error.params['limit']);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      return { path: at(key), message: `unknown key${words.advise(error.instancePath, key)}` };
    }
    case 'required':
      return { path: at(String(error.params['missingProperty'])), message: 'required' };
    case 'type':
      return {
        path: at(),
        message: `must be ${typeWords(error.params['type'])}, is ${have}${quoteHint(error, have)}`,
      };
    case 'enum':
      return { path: at(), message: `must be one of ${listed(error.params['allowedValues'])}` };
    case 'minLength':
      return {
        path: at(),
        message: limit === '1' ? 'is empty' : `must have at least ${limit} characters`,
      };
    case 'maxLength':
      return { path: at(), message: `must have at most ${limit} characters` };
    case 'minItems':
    case 'minProperties':
      return { path: at(), message: 'is an empty list' };
    case 'maxItems':
      return { path: at(), message: `has more than ${limit} entries` };
    case 'minimum':
      return { path: at(), message: `must be at least ${limit}` };
    case 'maximum':
      return { path: at(), message: `must be at most ${limit}` };
    case 'pattern': {
      const text = String(valueAt(value, error.instancePath));
      return {
        path: at(),
        message: words.pattern(error.instancePath, String(error.params['pattern']), text),
      };
    }
    default:
      return { path: at(), message: `is not valid (${error.keyword})` };
  }
}

/** `, did you mean channel?` for a mistyped key of this place, or nothing. */
export function nearKey(keys: Keys, pointer: string, key: string): string {
  const near = didYouMean(key, keysAt(keys, pointer));
  return near === undefined ? '' : `, did you mean ${near}?`;
}

function keysAt(keys: Keys, pointer: string): readonly string[] {
  const steps = pointer.split('/');
  const place = Object.keys(keys).find((pattern) => {
    const wanted = pattern.split('/');
    return wanted.length === steps.length && wanted.every((step, at) => step === '*' || step === steps[at]);
  });
  return place === undefined ? [] : (keys[place] ?? []);
}

/** The places that know a key, as JSON pointers. */
export function placesOf(keys: Keys | undefined, key: string): string[] {
  return Object.entries(keys ?? {}).flatMap(([pointer, names]) => (names.includes(key) ? [pointer] : []));
}

/** `under source.aws or source.s3` */
export function listOfPlaces(pointers: readonly string[], root: string): string {
  const [first] = pointers;
  if (first === '') return `directly under ${root}`;
  const places = pointers.map((at) =>
    (root + at.replaceAll('/*', '[]').replaceAll('/', '.')).replace(/^\./, ''),
  );
  return `under ${places.join(' or ')}`;
}

// YAML reads `version: 1.20` as the number 1.2: a reader must be told that quotes are the remedy.
function quoteHint(error: SchemaError, have: string): string {
  const wanted = error.params['type'];
  return wanted === 'string' && (have === 'a number' || have === 'a boolean') ? ': put it in quotes' : '';
}

function typeWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'a map',
    array: 'a list',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  const types = Array.isArray(type) ? type : [type];
  return types.map((name) => words[String(name)] ?? String(name)).join(' or ');
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}

/** `params.artifacts[1].as` of the root `params`, the JSON pointer `/artifacts/1` and the key `as`. */
export function pathOf(root: string, pointer: string, keys: readonly string[] = []): string {
  const steps = [...segments(pointer), ...keys];
  return root + steps.map(stepOf).join('');
}

// A key is the author's own and may be anything; the message stays one short line.
function stepOf(step: string): string {
  if (/^\d+$/.test(step)) return `[${step}]`;
  if (/^[\w.-]{1,60}$/.test(step)) return `.${step}`;
  return `[${JSON.stringify(step.length > 60 ? `${step.slice(0, 60)}…` : step)}]`;
}

function segments(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(value: unknown, pointer: string): unknown {
  let here: unknown = value;
  for (const step of segments(pointer)) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.getOwnPropertyDescriptor(here, step)?.value;
  }
  return here;
}
