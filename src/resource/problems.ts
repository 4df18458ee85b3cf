import { didYouMean } from '../kit/did-you-mean.ts';
import { kindOf } from '../kit/json.ts';

/** One thing that is wrong with source or params, and where. */
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

export type Shape = 'source' | 'message' | 'approval' | 'claim' | 'call' | 'get';

type KeyTable = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * Everything a schema finds wrong with a value, in the words of a pipeline author; never a value, which may be secret.
 * The tables behind "did you mean" are loaded only now that something is wrong.
 */
export async function schemaProblems(
  root: string,
  shape: Shape,
  validate: Validator,
  value: unknown,
): Promise<Problem[]> {
  if (validate(value)) return [];
  const { keys } = await import('../../generated/keys.js');
  const problems = (validate.errors ?? []).map((error) =>
    problemOf(root, error, value, whereKeysBelong(keys, shape)),
  );
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

function problemOf(root: string, error: SchemaError, value: unknown, advise: Advise): Problem {
  const at = (...keys: readonly string[]) => pathOf(root, error.instancePath, keys);
  const have = kindOf(valueAt(value, error.instancePath));
  const limit = String(error.params['limit']);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      return { path: at(key), message: `unknown key${advise(error.instancePath, key)}` };
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
      return { path: at(), message: 'is empty' };
    case 'minItems':
    case 'minProperties':
      return { path: at(), message: 'is an empty list' };
    case 'maxItems':
      return { path: at(), message: `has more than ${limit} entries` };
    case 'minimum':
      return { path: at(), message: `must be at least ${limit}` };
    case 'maximum':
      return { path: at(), message: `must be at most ${limit}` };
    case 'pattern':
      return { path: at(), message: patternWords(error.instancePath) };
    default:
      return { path: at(), message: `is not valid (${error.keyword})` };
  }
}

type Advise = (pointer: string, key: string) => string;

// A key that is unknown here may be mistyped, or belong elsewhere: one level off in the indentation, or in the other half.
function whereKeysBelong(keys: KeyTable, shape: Shape): Advise {
  return (pointer, key) => {
    const here = pointer.replace(/\/\d+(?=\/|$)/g, '/*');
    const near = didYouMean(key, keys[shape]?.[here] ?? []);
    if (near) return `, did you mean ${near}?`;
    const place = placeOf(keys, shape, key);
    return place ? `, it belongs ${place}` : '';
  };
}

function placeOf(keys: KeyTable, shape: Shape, key: string): string | undefined {
  const own = placesIn(keys[shape], key);
  if (own.length > 0) return listOfPlaces(own, shape === 'source' ? 'source' : 'params');
  const isMessageKey = keys['message']?.['']?.includes(key) === true;
  if (isMessageKey && shape === 'source') return 'in the params of the put';
  if (isMessageKey && shape === 'get') return 'in params of the put, not in get_params';
  if (isMessageKey) return `in another put, one without ${shape}`;
  const source = shape === 'source' ? [] : placesIn(keys['source'], key);
  return source.length > 0 ? listOfPlaces(source, "the resource's source") : undefined;
}

function placesIn(table: KeyTable[string] = {}, key: string): string[] {
  return Object.entries(table).flatMap(([pointer, names]) => (names.includes(key) ? [pointer] : []));
}

function listOfPlaces(pointers: readonly string[], root: string): string {
  const [first] = pointers;
  if (first === '') return `directly under ${root}`;
  const places = pointers.map((at) => `${root}${at.replaceAll('/*', '[]').replaceAll('/', '.')}`);
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

function patternWords(pointer: string): string {
  if (/\/(?:thread|update)$/.test(pointer))
    return 'must be a message timestamp in quotes, such as "1700000000.000100"';
  if (pointer.endsWith('/react')) return 'must be an emoji name, such as white_check_mark';
  if (pointer.endsWith('/path')) return 'must begin with exactly one slash';
  return 'has the wrong form';
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}

function pathOf(root: string, pointer: string, keys: readonly string[]): string {
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
