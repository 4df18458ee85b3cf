import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';

test('prints as stars in every way a value gets into text, and gives itself away only when asked', () => {
  const secret = new Secret('sensitive-value');
  const printed = [
    String(secret),
    `${secret.toString()}`,
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true, getters: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    Object.values(secret).join(),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    JSON.stringify(Object.assign({}, secret)),
    JSON.stringify(structuredClone(secret)),
  ].join('\n');
  expect(printed).not.toContain('sensitive');
  expect(printed).toContain('***');
  expect(secret.reveal()).toBe('sensitive-value');
});
