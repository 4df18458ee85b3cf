import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillJson, fillText } from '../../src/gateway/template.ts';

describe('a value in a body', () => {
  it('never changes the structure around it, whatever it holds (C30)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const sent = JSON.stringify(
          fillJson({ note: 'is {{v}}!', alone: '{{v}}', '{{v}}': [1] }, { v: value }),
        );
        expect(JSON.parse(sent)).toEqual({ note: `is ${value}!`, alone: value, '{{v}}': [1] });
      }),
    );
  });

  it('is not read again for templates (C30)', () => {
    expect(fillJson(['{{a}}', 'x{{a}}'], { a: '{{b}}', b: 'secret' })).toEqual(['{{b}}', 'x{{b}}']);
  });

  it('keeps its type where it stands alone, and only there', () => {
    const scope = { n: 3, b: false, list: [1, { x: null }] };
    expect(fillJson(['{{n}}', '{{b}}', '{{list}}', 'n={{n}}', ' {{n}}', null, 7], scope)).toEqual([
      3,
      false,
      [1, { x: null }],
      'n=3',
      ' 3',
      null,
      7,
    ]);
  });

  it('that is a list or a map is refused inside text', () => {
    expect(() => fillText('x{{list}}', { list: [1] })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
    );
  });
});

describe('a name', () => {
  const scope = { body: { id: 'd-1', items: [{ id: 7 }] }, 'a.b': 'dotted', BUILD_ID: '1' };

  it.each([
    ['{{body.id}}', 'd-1'],
    ['{{ body.items.0.id }}', '7'],
    ['{{a.b}}', 'dotted'],
    ['\\{{body.id}}', '{{body.id}}'],
    ['{{body.id}}{{BUILD_ID}}', 'd-11'],
  ])('%s is %s', (template, text) => expect(fillText(template, scope)).toBe(text));

  it.each([
    '{{body.toString}}',
    '{{body.__proto__}}',
    '{{constructor}}',
    '{{__proto__}}',
    '{{body.items.length}}',
    '{{body.id.length}}',
    '{{}}',
    '{{body.}}',
  ])('%s leads nowhere but to a refusal, unless it is the length of a list', (template) => {
    if (template === '{{body.items.length}}') expect(fillText(template, scope)).toBe('1');
    else
      expect(() => fillText(template, scope)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
  });

  it('that is mistyped is told with the one that was meant', () => {
    expect(() => fillText('{{BUILD_DI}}', scope)).toThrow(
      expect.objectContaining({ hint: 'did you mean {{BUILD_ID}}?' }),
    );
  });
});
