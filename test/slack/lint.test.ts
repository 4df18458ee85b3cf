import { describe, expect, it } from 'vitest';
import { lintBlocks, lintMessage } from '../../src/slack/lint.ts';
import * as b from './lint-blocks.ts';
import { mrkdwn, option, plain } from './lint-blocks.ts';
import { SAMPLES } from './lint-samples.ts';

/** The one problem of one block, as `pointer below the block: message`. */
function problemsOf(...blocks: unknown[]): string[] {
  return lintBlocks(blocks).map(({ pointer, message }) => `${pointer.replace('/blocks/', '')}: ${message}`);
}

type Mistake = readonly [what: string, block: unknown, problem: string];

const SHAPES: readonly Mistake[] = [
  ['a block that is a string', 'hello', '0: block is a string, want a map'],
  ['a block that is a list', [b.divider], '0: block is a list, want a map'],
  ['a block that is null', null, '0: block is null, want a map'],
  ['a block without a type', { text: mrkdwn('x') }, '0: block has no type'],
  ['a type that is a number', { type: 1 }, '0: block type is a number, want a string'],
  [
    'text that is a string',
    { type: 'section', text: 'x' },
    '0/text: section text is a string, want a map with type (plain_text or mrkdwn) and text',
  ],
  [
    'text that is a number',
    b.section({ text: { type: 'mrkdwn', text: 12 } }),
    '0/text/text: section text is a number, want a string in quotes',
  ],
  [
    'a text object without type',
    b.section({ text: { text: 'x' } }),
    '0/text: section text has no type, want plain_text or mrkdwn',
  ],
  ['a text object without text', b.section({ text: { type: 'mrkdwn' } }), '0/text: section text has no text'],
  [
    'markdown that is a text object',
    { type: 'markdown', text: mrkdwn('x') },
    '0/text: markdown text is a map, want a string in quotes',
  ],
  [
    'elements that are a map',
    { type: 'context', elements: mrkdwn('x') },
    '0/elements: context elements is a map, want a list',
  ],
  [
    'null where a string belongs',
    b.button({ url: null }),
    '0/elements/0/url: button url is null, want a string in quotes',
  ],
];

const TYPES: readonly Mistake[] = [
  [
    'a mistyped block',
    { type: 'sction', text: mrkdwn('x') },
    '0/type: unknown block type "sction", did you mean section?',
  ],
  [
    'a block in camel case',
    { type: 'richText' },
    '0/type: unknown block type "richText", did you mean rich_text?',
  ],
  ['a block that does not exist', { type: 'paragraph' }, '0/type: unknown block type "paragraph"'],
  [
    'a type that names a property of every object',
    { type: 'constructor' },
    '0/type: unknown block type "constructor"',
  ],
  ['a very long type', { type: b.x(99) }, `0/type: unknown block type "${b.x(60)}…"`],
  [
    'an element as a block',
    { type: 'button', text: plain('Go') },
    '0/type: button is an element, not a block; put it into the elements of an actions block',
  ],
  [
    'a text object as a block',
    mrkdwn('x'),
    '0/type: mrkdwn is a text object, not a block; put it into the text of a section',
  ],
  [
    'an alert, which only modals show',
    { type: 'alert', text: mrkdwn('x') },
    '0/type: alert blocks work in modals only, use a section',
  ],
  [
    'a file block, which only Slack makes',
    { type: 'file', external_id: 'x', source: 'remote' },
    '0/type: file blocks come from Slack alone, upload the file instead',
  ],
  ['mrkdwn in a header', b.header(mrkdwn('x')), '0/text/type: header text must be plain_text, not "mrkdwn"'],
  [
    'mrkdwn in a button',
    b.button({ text: mrkdwn('x') }),
    '0/elements/0/text/type: button text must be plain_text, not "mrkdwn"',
  ],
  [
    'mrkdwn in a placeholder',
    b.accessory('users_select', { placeholder: mrkdwn('x') }),
    '0/accessory/placeholder/type: users_select placeholder must be plain_text, not "mrkdwn"',
  ],
  [
    'mrkdwn in a confirm title',
    b.confirm({ title: mrkdwn('x') }),
    '0/elements/0/confirm/title/type: button confirm title must be plain_text, not "mrkdwn"',
  ],
  [
    'mrkdwn in a menu option',
    b.menu({ options: [option({ text: mrkdwn('x') })] }),
    '0/accessory/options/0/text/type: static_select option text must be plain_text, not "mrkdwn"',
  ],
  [
    'markdown as a text type',
    b.section({ text: { type: 'markdown', text: 'x' } }),
    '0/text/type: section text must be plain_text or mrkdwn, not "markdown"',
  ],
  [
    'a mistyped element',
    b.actions({ type: 'buton', text: plain('Go') }),
    '0/elements/0/type: unknown actions element type "buton", did you mean button?',
  ],
  [
    'an input among actions',
    b.actions({ type: 'plain_text_input' }),
    '0/elements/0/type: actions element cannot be plain_text_input',
  ],
  [
    'a button in a context',
    b.context({ type: 'button', text: plain('Go') }),
    '0/elements/0/type: context element cannot be button, only text or image',
  ],
  [
    'a datetimepicker beside a section',
    b.accessory('datetimepicker', {}),
    '0/accessory/type: section accessory cannot be datetimepicker',
  ],
  [
    'a section in a carousel',
    b.carousel(b.section({})),
    '0/elements/0/type: carousel element cannot be section',
  ],
  [
    'a container in a container',
    b.container({ child_blocks: [b.container({})] }),
    '0/child_blocks/0/type: container child_block cannot be container',
  ],
  [
    'a slip in rich text',
    b.richText({ type: 'txt', text: 'x' }),
    '0/elements/0/elements/0/type: unknown rich_text_section element type "txt", did you mean text?',
  ],
  [
    'rich text in the header of a data_table',
    b.dataTable({ rows: [[b.richText()], [b.cell('x')]] }),
    '0/rows/0/0/type: the header row of a data_table cannot hold rich_text',
  ],
];

const FIELDS: readonly Mistake[] = [
  ['a section with nothing', { type: 'section' }, '0: section needs text or fields'],
  ['a header without text', { type: 'header' }, '0: header needs text'],
  ['actions without elements', { type: 'actions' }, '0: actions needs elements'],
  ['a button without text', b.actions({ type: 'button', action_id: 'x' }), '0/elements/0: button needs text'],
  [
    'an option without value',
    b.menu({ options: [{ text: plain('o') }] }),
    '0/accessory/options/0: static_select option needs value',
  ],
  [
    'a menu with no choice',
    b.menu({}),
    '0/accessory: static_select needs either options or option_groups, and not both',
  ],
  [
    'a menu with two kinds of choice',
    b.menu({ options: [option()], option_groups: [b.group()] }),
    '0/accessory: static_select needs either options or option_groups, and not both',
  ],
  [
    'an image without a source',
    { type: 'image', alt_text: 'x' },
    '0: image needs either image_url or slack_file, and not both',
  ],
  [
    'an image with two sources',
    b.image({ slack_file: { id: 'F0123456789' } }),
    '0: image needs either image_url or slack_file, and not both',
  ],
  ['an image without alt_text', { type: 'image', image_url: 'https://a.test' }, '0: image needs alt_text'],
  [
    'a slack_file with id and url',
    { type: 'image', alt_text: 'x', slack_file: { id: 'F0123456789', url: 'https://a.test' } },
    '0/slack_file: image slack_file needs either id or url, and not both',
  ],
  [
    'a slack_file with no file id',
    { type: 'image', alt_text: 'x', slack_file: { id: 'x.png' } },
    '0/slack_file/id: image slack_file id is not a file id such as F0123456789',
  ],
  [
    'a confirm dialog without text',
    b.button({ confirm: { title: plain('t'), confirm: plain('y'), deny: plain('n') } }),
    '0/elements/0/confirm: button confirm needs text',
  ],
  [
    'a card with a subtitle alone',
    { type: 'card', subtitle: mrkdwn('x') },
    '0: card needs hero_image, title, actions or body',
  ],
  [
    'a container without title',
    { type: 'container', child_blocks: [b.divider] },
    '0: container needs title or rich_text_title',
  ],
  [
    'a data_table without caption',
    { type: 'data_table', rows: [[b.cell('h')], [b.cell('1')]] },
    '0: data_table needs caption',
  ],
  [
    'a data_table with ragged rows',
    b.dataTable({ rows: [[b.cell('h')], [b.cell('1'), b.cell('2')]] }),
    '0/rows/1: data_table row has 2 cells, the header 1',
  ],
  [
    'an unknown style',
    b.button({ style: 'blue' }),
    '0/elements/0/style: button style is "blue", want primary or danger',
  ],
  [
    'an unknown status',
    { type: 'task_card', task_id: 't', title: 't', status: 'done' },
    '0/status: task_card status is "done", want pending, in_progress, complete or error',
  ],
  [
    'an unknown width',
    b.container({ width: 1 }),
    '0/width: container width is a number, want narrow, standard, wide or full',
  ],
  [
    'a url of another scheme',
    b.button({ url: 'javascript:alert(1)' }),
    '0/elements/0/url: button url is not an http or https address',
  ],
  [
    'a url with a space',
    b.image({ image_url: 'https://a.test/a b.png' }),
    '0/image_url: image image_url is not an http or https address',
  ],
  [
    'a video without https',
    b.video({ video_url: 'http://a.test' }),
    '0/video_url: video video_url is not an https address',
  ],
  [
    'a url in a menu option',
    b.menu({ options: [option({ url: 'https://a.test' })] }),
    '0/accessory/options/0/url: option url works in an overflow menu only',
  ],
];

describe('lintBlocks', () => {
  it.each(Object.entries(SAMPLES))('finds nothing wrong with %s', (_, blocks) => {
    expect(lintBlocks(blocks)).toEqual([]);
  });

  it.each([...SHAPES, ...TYPES, ...FIELDS])('explains %s', (_, block, problem) => {
    expect(problemsOf(block)).toEqual([problem]);
  });

  it('lets keys pass that it does not know: Slack keeps adding some', () => {
    expect(
      lintBlocks([
        b.section({ new_key: 1 }),
        b.button({ new_key: {} }),
        b.card({ slack_icon: { name: 'bot' } }),
      ]),
    ).toEqual([]);
  });

  it('says all at once, in the order of the message', () => {
    expect(
      problemsOf(b.header(mrkdwn('')), b.divider, { type: 'section' }, b.button({ style: 'x', url: 'x' })),
    ).toEqual([
      '0/text/type: header text must be plain_text, not "mrkdwn"',
      '0/text/text: header text is empty',
      '2: section needs text or fields',
      '3/elements/0/url: button url is not an http or https address',
      '3/elements/0/style: button style is "x", want primary or danger',
    ]);
  });

  it('refuses a block_id used twice, nested blocks included (S30)', () => {
    const inner = { type: 'divider', block_id: 'a' };
    expect(
      problemsOf(inner, b.section({ block_id: 'b' }), b.container({ block_id: 'b', child_blocks: [inner] })),
    ).toEqual([
      '2/block_id: block_id "b" is used twice, first at /blocks/1',
      '2/child_blocks/0/block_id: block_id "a" is used twice, first at /blocks/0',
    ]);
    expect(problemsOf(b.carousel(b.card({ block_id: 'c' }), b.card({ block_id: 'c' })))).toEqual([
      '0/elements/1/block_id: block_id "c" is used twice, first at /blocks/0/elements/0',
    ]);
  });

  it('refuses an action_id used twice in one block, and allows it in two (S30)', () => {
    const go = { type: 'button', text: plain('Go'), action_id: 'go' };
    expect(problemsOf(b.actions(go), b.actions(go))).toEqual([]);
    expect(problemsOf(b.actions(go, { type: 'datepicker', action_id: 'when' }, go))).toEqual([
      '0/elements/2/action_id: action_id "go" is used twice, first at /blocks/0/elements/0',
    ]);
    expect(problemsOf(b.card({ actions: [go, go] }))).toEqual([
      '0/actions/1/action_id: action_id "go" is used twice, first at /blocks/0/actions/0',
    ]);
  });

  it('points below the place it is told', () => {
    expect(lintBlocks([{ type: 'header' }], '/params/blocks')).toEqual([
      { pointer: '/params/blocks/0', message: 'header needs text' },
    ]);
  });
});

describe('lintMessage', () => {
  it('leaves the missing text of a message to its caller (S18)', () => {
    expect(lintMessage({ blocks: [b.divider] })).toEqual([]);
    expect(lintMessage({ text: 'hello' })).toEqual([]);
    expect(lintMessage({})).toEqual([]);
  });

  it('checks text and blocks together', () => {
    const problems = lintMessage({ text: b.x(40_001), blocks: [{ type: 'header' }] });
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/blocks/0', '/text']);
  });
});
