import type { Problem } from '../../kit/schema-problems.ts';
import { placeOf, record } from './places.ts';
import type { Tree } from './places.ts';
import { compileValueSchema } from './value-schema.ts';

/** What is wrong with `actions` beyond the form of its keys. */
export function actionProblems(document: Tree): Problem[] {
  const actions = Object.entries(record(document['actions']));
  if (actions.length === 0) return [];
  const problems: Problem[] = [];
  if (document['gateway'] === undefined)
    problems.push({ path: 'actions', message: 'needs gateway: that is what they call' });
  if (document['slack'] === undefined)
    problems.push({ path: 'actions', message: 'needs slack: that is where buttons are' });
  for (const [name, given] of actions) {
    const path = placeOf('actions', name);
    const { value } = record(given);
    if (!/^[\w.-]{1,60}$/.test(name))
      problems.push({ path, message: 'is no name of an action: use letters, digits, . _ and -' });
    const compiled = compileValueSchema(value);
    if ('mistake' in compiled) problems.push({ path: `${path}.value`, message: compiled.mistake });
  }
  return problems;
}
