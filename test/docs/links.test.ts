import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { codeBlocks, documents, readText, root, withoutCode } from '../support/markdown.ts';

test.each(documents())('every local link of %s leads to a file and a heading', (path) => {
  const text = withoutCode(readText(path));
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const local = targets.filter((target) => !/^https?:/.test(target));
  expect(local.filter((target) => !leadsSomewhere(path, target))).toEqual([]);
});

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(root, from) : join(root, dirname(from), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor);
}

// As GitHub makes them: lower case, punctuation dropped, spaces to hyphens.
function anchors(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

test.each(documents())('every npm script that %s names exists', (path) => {
  const scripts: unknown = JSON.parse(readText('package.json'));
  const known = isRecord(scripts) && isRecord(scripts['scripts']) ? Object.keys(scripts['scripts']) : [];
  const named = [...readText(path).matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(
    ([, run, test]) => run ?? test ?? '',
  );
  expect(named.filter((script) => !known.includes(script))).toEqual([]);
});

test('the README shows a whole pipeline before line 20', () => {
  const [first] = codeBlocks(readText('README.md'));
  expect(first?.language).toBe('yaml');
  expect(first?.text).toContain('jobs:');
  expect((first?.line ?? 99) + (first?.text.split('\n').length ?? 99) - 1).toBeLessThan(20);
});

test('the README has a picture of the messages, and at most two badges', () => {
  const pictures = [...readText('README.md').matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)];
  expect(pictures.map(([, , source]) => source)).toContain('docs/images/messages.png');
  expect(pictures.length).toBeLessThanOrEqual(3);
});
