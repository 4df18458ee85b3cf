import { MOST_COUNTED } from '../../gateway/allowance.ts';
import { parseDuration } from '../../kit/duration.ts';
import { parseRate } from '../../kit/rate.ts';
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
    const { value, rate, call } = record(given);
    if (!/^[\w.-]{1,60}$/.test(name))
      problems.push({ path, message: 'is no name of an action: use letters, digits, . _ and -' });
    if (typeof rate === 'string' && (parseRate(rate)?.count ?? 0) > MOST_COUNTED)
      problems.push({ path: `${path}.rate`, message: `must count at most ${MOST_COUNTED}` });
    if (isTooLong(record(call)['timeout']))
      problems.push({ path: `${path}.call.timeout`, message: TIMEOUT_WORDS });
    const compiled = compileValueSchema(value);
    if ('mistake' in compiled) problems.push({ path: `${path}.value`, message: compiled.mistake });
  }
  return problems;
}

const LONGEST_SECONDS = 45;
export const TIMEOUT_WORDS = `must be at most ${LONGEST_SECONDS}s: let the service answer at once and go on by itself`;

/** Whether a timeout is longer than a call of an action can be waited for. */
export function isTooLong(timeout: unknown): boolean {
  return typeof timeout === 'string' && (parseDuration(timeout) ?? 0) > LONGEST_SECONDS;
}
