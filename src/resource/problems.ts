import { listOfPlaces, nearKey, placesOf, problemsIn } from '../kit/schema-problems.ts';
import type { Keys, Problem, Validator } from '../kit/schema-problems.ts';

export { joinProblems } from '../kit/schema-problems.ts';
export type { Problem, Validator } from '../kit/schema-problems.ts';

export type Shape = 'source' | 'message' | 'approval' | 'claim' | 'call' | 'get';

type KeyTable = Readonly<Record<string, Keys>>;

/**
 * Everything a schema finds wrong with a value, in the words of a pipeline author. The tables behind "did you mean" are
 * loaded only now that something is wrong.
 */
export async function schemaProblems(
  root: string,
  shape: Shape,
  validate: Validator,
  value: unknown,
): Promise<Problem[]> {
  if (validate(value)) return [];
  const { keys } = await import('../../generated/keys.js');
  return problemsIn(root, validate, value, { advise: whereKeysBelong(keys, shape), pattern: patternWords });
}

// A key that is unknown here may be mistyped, or belong elsewhere: one level off in the indentation, or in the other half.
function whereKeysBelong(keys: KeyTable, shape: Shape) {
  return (pointer: string, key: string): string => {
    const near = nearKey(keys[shape] ?? {}, pointer, key);
    if (near !== '') return near;
    const place = placeOf(keys, shape, key);
    return place ? `, it belongs ${place}` : '';
  };
}

function placeOf(keys: KeyTable, shape: Shape, key: string): string | undefined {
  const own = placesOf(keys[shape], key);
  if (own.length > 0) return listOfPlaces(own, shape === 'source' ? 'source' : 'params');
  const isMessageKey = keys['message']?.['']?.includes(key) === true;
  if (isMessageKey && shape === 'source') return 'in the params of the put';
  if (isMessageKey && shape === 'get') return 'in params of the put, not in get_params';
  if (isMessageKey) return `in another put, one without ${shape}`;
  const source = shape === 'source' ? [] : placesOf(keys['source'], key);
  return source.length > 0 ? listOfPlaces(source, "the resource's source") : undefined;
}

function patternWords(pointer: string): string {
  if (/\/(?:thread|update)$/.test(pointer))
    return 'must be a message timestamp in quotes, such as "1700000000.000100"';
  if (pointer.endsWith('/react')) return 'must be an emoji name, such as white_check_mark';
  if (pointer.endsWith('/path')) return 'must begin with exactly one slash';
  return 'has the wrong form';
}
