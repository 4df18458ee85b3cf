import { keys } from '../../../generated/listener-keys.js';
import { validate } from '../../../generated/listener.js';
import { listOfPlaces, nearKey, placesOf, problemsIn } from '../../kit/schema-problems.ts';
import type { Problem } from '../../kit/schema-problems.ts';
import { wordsOf } from './forms.ts';
import { mapped } from './places.ts';

const LATER = new Set(['workflows', 'access', 's3_proxy', 'presign', 'cloudwatch']);

/** Everything that the schema finds wrong, one message for each place. */
export function schemaProblems(document: unknown): Problem[] {
  if (validate(document)) return [];
  const problems = problemsIn('', validate, document, WORDS);
  const asText = withoutNumbers(document);
  // In quotes a number may be wrong again: what it must be is said at once.
  const formed = validate(asText) ? [] : problemsIn('', validate, asText, WORDS);
  const told = problems.map((problem) => {
    if (!problem.message.endsWith('is a number: put it in quotes')) return problem;
    return formed.find(({ path }) => path === problem.path) ?? problem;
  });
  const isFirst = ({ path, message }: Problem, at: number) =>
    at === told.findIndex((each) => each.path === path && each.message === message);
  return told.filter(isFirst).map(inOurWords);
}

// Where the schema asks for text; its errors are those of the document.
function withoutNumbers(document: unknown): unknown {
  const places = new Set(
    (validate.errors ?? [])
      .filter(({ keyword, params }) => keyword === 'type' && [params['type']].flat().includes('string'))
      .map(({ instancePath }) => instancePath),
  );
  return mapped(document, (value, pointer) =>
    typeof value === 'number' && places.has(pointer) ? String(value) : value,
  );
}

const WORDS = {
  pattern: (_pointer: string, pattern: string, text: string) => wordsOf(pattern, text),
  advise: (pointer: string, key: string) => {
    if (pointer === '' && LATER.has(key)) return ': comes with a later release';
    const near = nearKey(keys['listener'] ?? {}, pointer, key);
    if (near !== '') return near;
    const places = placesOf(keys['listener'], key);
    return places.length === 0
      ? ''
      : `, it belongs ${listOfPlaces(places, '').replace(/under $/, 'at the top')}`;
  },
};

function inOurWords({ path, message }: Problem): Problem {
  return { path: path.replace(/^\./, ''), message: message.replace('unknown key: comes', 'comes') };
}
