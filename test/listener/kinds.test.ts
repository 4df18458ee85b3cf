import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkKind, KINDS } from '../../src/listener/verbs/kinds.ts';
import { readText, root } from '../support/markdown.ts';

test('list knows the kind of every machine, and no other', () => {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' });
  const kinds = files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...readText(`src/${path}`).matchAll(/^ *kind: '([a-z-]+)',\n *schema: /gm)])
    .map(([, kind]) => kind);
  expect(new Set(kinds)).toEqual(new Set(Object.keys(KINDS)));
});

test('what no record can be is refused with what there is', () => {
  expect(() => checkKind('gates', undefined)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      hint: `it can be ${Object.keys(KINDS).join(', ')}`,
    }),
  );
  expect(() => checkKind('action', 'approved')).toThrow(
    expect.objectContaining({ hint: 'it can be asked, running, done, failed, unknown, cancelled, lapsed' }),
  );
  for (const [kind, statuses] of Object.entries(KINDS))
    for (const status of statuses) expect(() => checkKind(kind, status)).not.toThrow();
});
