import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { fill, fillBlocks } from '../../src/resource/template.ts';
import type { Placement } from '../../src/resource/template.ts';

/** What a stranger would write into a commit message to be heard by everybody. */
const value = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'< > | ` & ! @ # / \\ : ( ) [ ] \n @evil.test .evil.test https://evil.test \u202e'.split(' '),
      ),
      fc.constantFrom(
        '<!channel>',
        '<@U123>',
        '<#C123>',
        '<https://evil.test|x>',
        '{{a}}',
        '\\{{b}}',
        ' ',
        'U0123',
        '/x',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const vars = fc.record({ a: value, b: value, c: value }).map((given) => new Map(Object.entries(given)));

const piece = fc.oneof(
  fc.constantFrom('{{a}}', '{{ b }}', '{{c}}'),
  fc.constantFrom(
    'Hello ',
    '\n',
    ' < ',
    '\\{{',
    '&',
    '|',
    '*b*',
    '`code`',
    '[docs](https://docs.test)',
    '](',
    ')',
  ),
  fc.constantFrom(
    '<https://ci.example.com',
    '/',
    '<',
    '>',
    '|label>',
    '<@',
    '<!subteam^',
    '<!',
    '<#',
    'https://',
    '{',
    '}}',
  ),
);
const template = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

/** What the author wrote by himself: the template without its placeholders. */
function authored(text: string): string {
  return text
    .replaceAll('\\{{', '\ue000')
    .replace(/\{\{\s*[^{}]*?\s*\}\}/g, '\ue001')
    .replaceAll('\ue000', '{{');
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** What acts in a message: brackets, code spans, tokens that are closed; in markdown links with a label too. */
const MRKDWN = [/</g, />/g, /`/g, /<!(?=[^<>]*>)/g, /<@(?=[^<>]*>)/g, /<#(?=[^<>]*>)/g];
const LIVE = { mrkdwn: MRKDWN, markdown: [...MRKDWN, /\]\(/g] } as const;

function expectNothingAdded(out: string, own: string, type: 'mrkdwn' | 'markdown'): void {
  for (const live of LIVE[type]) expect(out.match(live)?.length).toBe(own.match(live)?.length);
}

/** The filled template, or undefined when a value was refused. */
function filled(text: string, given: ReadonlyMap<string, string>, placement: Placement): string | undefined {
  try {
    return fill(text, given, placement);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    expect(error.code).toBe('TEMPLATE_INVALID');
    return undefined;
  }
}

test.for([['mrkdwn'], ['markdown']] as const)(
  'no value adds a bracket, a mention, a link or a code span to %s (S29, C30)',
  ([placement]) => {
    let done = 0;
    fc.assert(
      fc.property(template, vars, (text, given) => {
        const out = filled(text, given, placement);
        if (out === undefined) return;
        done += 1;
        const own = authored(text);
        expectNothingAdded(out, own, placement);
        // A link whose whole address the author has left to a value is the author's own.
        expect(count(out, '<http')).toBeLessThanOrEqual(count(own, '<http') + count(own, '<\ue001'));
        expect(out).not.toMatch(/(?:[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069])/u);
      }),
      { numRuns: 4000 },
    );
    expect(done).toBeGreaterThan(1000);
  },
);

test('a link leads to the host and shows the label that the author wrote', () => {
  let done = 0;
  fc.assert(
    fc.property(vars, fc.boolean(), (given, slash) => {
      const text = `{{c}} <https://ci.example.com${slash ? '/' : ''}{{a}}|see {{b}}> {{c}}`;
      const out = filled(text, given, 'mrkdwn');
      if (out === undefined) return;
      done += 1;
      const [whole = '', address = '', label = ''] = /<([^<>|]*)\|([^<>]*)>/.exec(out) ?? [];
      expect(count(out, '<')).toBe(1);
      expect(new URL(address.replaceAll('&amp;', '&')).host).toBe('ci.example.com');
      expect(address).not.toMatch(/[\s"`]/);
      expect(label.startsWith('see ')).toBe(true);
      expect(whole.length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
  expect(done).toBeGreaterThan(900);
});

test('an address keeps the host that the author wrote', () => {
  fc.assert(
    fc.property(
      vars,
      fc.constantFrom('https://ci.example.com{{a}}', 'https://ci.example.com/{{a}}?q={{b}}#{{c}}'),
      (given, text) => {
        const out = filled(text, given, 'url');
        if (out !== undefined) expect(new URL(out).host).toBe('ci.example.com');
      },
    ),
    { numRuns: 1000 },
  );
});

test('only what is not untrusted comes back from braces', () => {
  fc.assert(
    fc.property(value, vars, (text, given) => {
      expect(fill('{{a}}', given, 'plain')).toBe(given.get('a'));
      expect(fill('\\{{a}}', given, 'mrkdwn')).toBe('{{a}}');
      const plain = text.replaceAll('{{', '');
      expect(fill(plain, given, 'mrkdwn')).toBe(plain);
    }),
    { numRuns: 1000 },
  );
});

test('blocks keep their shape, and each mrkdwn text in them is safe', () => {
  const text = fc.record({
    type: fc.constantFrom('mrkdwn', 'markdown', 'plain_text', '{{a}}'),
    text: template,
  });
  const block = fc.oneof(
    fc.record({ type: fc.constant('section'), text, fields: fc.array(text, { maxLength: 2 }) }),
    fc.record({
      type: fc.constant('context'),
      elements: fc.array(fc.oneof(text, fc.jsonValue({ maxDepth: 2 })), { maxLength: 3 }),
    }),
  );
  let done = 0;
  fc.assert(
    fc.property(fc.array(block, { maxLength: 3 }), vars, (blocks, given) => {
      let out: unknown;
      try {
        out = fillBlocks(blocks, given);
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
        return;
      }
      done += 1;
      expect(shape(out)).toEqual(shape(blocks));
      for (const [was, is, type] of texts(blocks, out)) {
        expectNothingAdded(is, authored(was), type);
      }
    }),
    { numRuns: 2000 },
  );
  expect(done).toBeGreaterThan(300);
});

/** The value with every string replaced by the same one. */
function shape(given: unknown): unknown {
  return JSON.parse(
    JSON.stringify(given, (_key, inner: unknown) => (typeof inner === 'string' ? '' : inner)) ?? 'null',
  );
}

/** What the author wrote, what became of it, and how Slack reads it, of every text that is live. */
function texts(before: unknown, after: unknown): (readonly [string, string, 'mrkdwn' | 'markdown'])[] {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return [];
  const type = 'type' in after ? after.type : undefined;
  return Object.entries(after).flatMap(([key, is]: [string, unknown]) => {
    const was: unknown = Object.entries(before).find(([name]) => name === key)?.[1];
    const live = key === 'text' && (type === 'mrkdwn' || type === 'markdown') ? type : undefined;
    if (live && typeof was === 'string' && typeof is === 'string') return [[was, is, live] as const];
    return texts(was, is);
  });
}
