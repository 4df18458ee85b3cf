import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintBlocks, lintMessage } from '../../src/slack/lint.ts';
import * as b from './lint-blocks.ts';
import { mrkdwn, plain } from './lint-blocks.ts';
import { SAMPLES } from './lint-samples.ts';

const words = (max: number, min = 1) => fc.string({ unit: 'grapheme', minLength: min, maxLength: max });
const plainText = (max: number) => words(max).map(plain);
const eitherText = (max: number) => words(max).chain((text) => fc.constantFrom(plain(text), mrkdwn(text)));
const address = fc.webUrl({ withQueryParameters: true });
const some = <T>(item: fc.Arbitrary<T>, max: number) => fc.array(item, { minLength: 1, maxLength: max });
const optional = { requiredKeys: [] };

const confirm = fc.record({
  title: plainText(20),
  text: eitherText(60),
  confirm: plainText(15),
  deny: plainText(15),
  style: fc.constantFrom('primary', 'danger'),
});
const button = fc
  .record({ url: address, value: words(60), style: fc.constantFrom('primary', 'danger'), confirm }, optional)
  .chain((rest) => plainText(20).map((text) => ({ type: 'button', text, ...rest })));
const option = fc.record({ text: plainText(20), value: words(20) });
const element = fc.oneof(
  button,
  fc.record({ type: fc.constant('static_select'), options: some(option, 4) }),
  fc.record({ type: fc.constant('overflow'), options: some(option, 5) }),
  fc.record({ type: fc.constantFrom('checkboxes', 'radio_buttons'), options: some(option, 4) }),
  fc.record({ type: fc.constantFrom('datepicker', 'users_select'), placeholder: plainText(20) }),
);
const source = fc.oneof(
  address.map((image_url) => ({ image_url })),
  fc.constant({ slack_file: { id: 'F0123456789' } }),
);
const image = fc
  .tuple(source, words(30, 0))
  .map(([rest, alt_text]) => ({ type: 'image', alt_text, ...rest }));

const block: fc.Arbitrary<object> = fc.oneof(
  plainText(40).map(b.header),
  fc.record({ text: eitherText(300) }).map(b.section),
  some(eitherText(40), 10).map((fields) => ({ type: 'section', fields })),
  element.map((accessory) => b.section({ accessory })),
  some(element, 5).map((elements) => b.actions(...elements)),
  some(fc.oneof(eitherText(30), image), 10).map((elements) => b.context(...elements)),
  image,
  words(200, 0).map(b.markdown),
  some(fc.record({ type: fc.constant('text'), text: words(30) }), 3).map((parts) => b.richText(...parts)),
  some(some(words(9).map(b.cell), 20), 100).map((rows) => b.table({ rows })),
  fc.record({ title: plainText(20) }).map(b.container),
  fc.record({ body: eitherText(50), actions: some(button, 3) }).map(b.card),
  fc.constant(b.divider),
);

/** A valid message: every block has its id, and all together stay below the sum that Slack takes. */
const message: fc.Arbitrary<readonly unknown[]> = fc
  .array(block, { maxLength: 8 })
  .map((blocks) => blocks.map((each, index) => ({ ...each, block_id: `b${index}` })))
  .filter((blocks) => JSON.stringify(blocks.filter((each) => !('rows' in each))).length < 12_000);

/** The value at a JSON pointer; undefined where there is none. */
function at(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of pointer.split('/').slice(1)) {
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined;
  }
  return value;
}

function changed(value: unknown, path: readonly number[], to: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return to;
  const entries = Object.entries(value);
  const index = step % (entries.length || 1);
  const copy = entries.map(
    ([key, inner], i) => [key, i === index ? changed(inner, rest, to) : inner] as const,
  );
  return Array.isArray(value) ? copy.map(([, inner]) => inner) : Object.fromEntries(copy);
}

const BROKEN: readonly unknown[] = [
  null,
  'text',
  { type: 'nothing' },
  { type: 'section' },
  b.header(mrkdwn('x')),
  b.section({ text: mrkdwn(b.x(3001)) }),
  b.button({ url: 'ftp://a.test' }),
  b.image({ slack_file: { id: 'F0123456789' } }),
];

describe('the lint', () => {
  it('finds nothing wrong with any valid message', () => {
    fc.assert(
      fc.property(message, words(300, 0), (blocks, text) => {
        expect(lintMessage({ text, blocks })).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the one broken block among valid ones, and only that', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.constantFrom(...BROKEN), (blocks, where, broken) => {
        const index = where % (blocks.length + 1);
        const problems = lintBlocks(blocks.toSpliced(index, 0, broken)).filter(
          ({ pointer }) => pointer !== '/blocks',
        );
        expect(problems).toHaveLength(1);
        expect(problems[0]?.pointer).toMatch(new RegExp(`^/blocks/${index}(/|$)`));
      }),
      { numRuns: 500 },
    );
  });

  it('survives any JSON, and points at what is there', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (blocks) => {
        for (const { pointer } of lintBlocks(blocks)) expect(at({ blocks }, pointer)).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('survives good messages with anything changed in them, and points at what is there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(SAMPLES)),
        fc.array(fc.nat(), { minLength: 1, maxLength: 7 }),
        fc.jsonValue(),
        (sample, path, value) => {
          const blocks = changed(sample, path, value);
          const problems = lintBlocks(Array.isArray(blocks) ? blocks : [blocks]);
          for (const { pointer, message: sentence } of problems) {
            expect(at({ blocks }, pointer), `${pointer}: ${sentence}`).toBeDefined();
            expect(sentence).toMatch(/^[^\n]{5,200}$/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('survives what JSON cannot say: cycles, bigints, functions and nesting without end', () => {
    const cycle: unknown[] = [];
    cycle.push({ type: 'section', text: cycle });
    let deep: unknown = {};
    for (let depth = 0; depth < 100_000; depth += 1)
      deep = { child_blocks: [deep], elements: [deep], type: 'container' };
    for (const blocks of [
      cycle,
      [deep],
      [{ type: 'divider', block_id: 1n }],
      [{ type: 'table', rows: cycle }],
    ]) {
      expect(lintBlocks(blocks)).toContainEqual({
        pointer: '/blocks',
        message: 'blocks cannot be written as JSON',
      });
    }
    expect(lintBlocks([() => 1])).toEqual([
      { pointer: '/blocks/0', message: 'block is a function, want a map' },
    ]);
  });
});
