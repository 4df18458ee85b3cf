import { didYouMean } from '../../kit/did-you-mean.ts';
import type { Problem } from '../../kit/schema-problems.ts';
import { list, record, textsOf } from './places.ts';
import type { Tree } from './places.ts';

/** What is wrong with `tokens` beyond the form of its keys: what one holder has must be no other's. */
export function tokenProblems(tokens: readonly unknown[], actions: Tree): Problem[] {
  const problems: Problem[] = [];
  const names = new Map<string, number>();
  const values = new Map<string, number>();
  for (const [at, given] of tokens.entries()) {
    const token = record(given);
    const { name } = token;
    if (typeof name === 'string') {
      const other = names.get(name);
      if (other !== undefined)
        problems.push({ path: `tokens[${at}].name`, message: `is that of tokens[${other}] too` });
      names.set(name, at);
    }
    for (const value of textsOf(token['token'])) {
      const other = values.get(value);
      if (other !== undefined)
        problems.push({
          path: `tokens[${at}].token`,
          message:
            other === at
              ? 'is listed twice'
              : `is that of tokens[${other}] too: give each holder one of its own`,
        });
      values.set(value, at);
    }
    for (const [index, action] of list(token['actions']).entries()) {
      if (typeof action !== 'string' || Object.hasOwn(actions, action)) continue;
      const near = didYouMean(action, Object.keys(actions));
      const message = `is no action of this file${near === undefined ? '' : `, did you mean ${near}?`}`;
      problems.push({ path: `tokens[${at}].actions[${index}]`, message });
    }
  }
  return problems;
}
