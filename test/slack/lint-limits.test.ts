import { describe, expect, it } from 'vitest';
import { lintBlocks, lintMessage } from '../../src/slack/lint.ts';
import * as b from './lint-blocks.ts';
import { mrkdwn, option, plain, times, x } from './lint-blocks.ts';

type Row = readonly [name: string, limit: number, at: string, build: (n: number) => unknown, remedy?: string];

const LENGTHS: readonly Row[] = [
  [
    'section text',
    3000,
    '/text/text',
    (n) => b.section({ text: mrkdwn(x(n)) }),
    '; split it into several sections',
  ],
  ['section field', 2000, '/fields/0/text', (n) => b.section({ fields: [mrkdwn(x(n))] })],
  ['section block_id', 255, '/block_id', (n) => b.section({ block_id: x(n) })],
  ['header text', 150, '/text/text', (n) => b.header(plain(x(n))), '; use a section for long text'],
  ['context text', 3000, '/elements/0/text', (n) => b.context(plain(x(n)))],
  ['markdown text', 12_000, '/text', (n) => b.markdown(x(n)), '; use a second message or a file'],
  ['image image_url', 3000, '/image_url', (n) => b.image({ image_url: b.address(n) })],
  ['image alt_text', 2000, '/alt_text', (n) => b.image({ alt_text: x(n) })],
  ['image title', 2000, '/title/text', (n) => b.image({ title: plain(x(n)) })],
  ['button text', 75, '/elements/0/text/text', (n) => b.button({ text: plain(x(n)) })],
  ['button value', 2000, '/elements/0/value', (n) => b.button({ value: x(n) })],
  ['button url', 3000, '/elements/0/url', (n) => b.button({ url: b.address(n) })],
  ['button action_id', 255, '/elements/0/action_id', (n) => b.button({ action_id: x(n) })],
  [
    'button accessibility_label',
    75,
    '/elements/0/accessibility_label',
    (n) => b.button({ accessibility_label: x(n) }),
  ],
  ['button confirm title', 100, '/elements/0/confirm/title/text', (n) => b.confirm({ title: plain(x(n)) })],
  ['button confirm text', 300, '/elements/0/confirm/text/text', (n) => b.confirm({ text: mrkdwn(x(n)) })],
  [
    'button confirm confirm',
    30,
    '/elements/0/confirm/confirm/text',
    (n) => b.confirm({ confirm: plain(x(n)) }),
  ],
  ['button confirm deny', 30, '/elements/0/confirm/deny/text', (n) => b.confirm({ deny: plain(x(n)) })],
  [
    'feedback_buttons positive_button text',
    75,
    '/elements/0/positive_button/text/text',
    (n) => b.feedback({ text: plain(x(n)) }),
  ],
  [
    'feedback_buttons positive_button value',
    2000,
    '/elements/0/positive_button/value',
    (n) => b.feedback({ value: x(n) }),
  ],
  [
    'overflow option text',
    75,
    '/accessory/options/0/text/text',
    (n) => b.overflow(option({ text: plain(x(n)) })),
  ],
  ['overflow option value', 150, '/accessory/options/0/value', (n) => b.overflow(option({ value: x(n) }))],
  ['overflow option url', 3000, '/accessory/options/0/url', (n) => b.overflow(option({ url: b.address(n) }))],
  [
    'checkboxes option text',
    75,
    '/accessory/options/0/text/text',
    (n) => b.accessory('checkboxes', { options: [option({ text: mrkdwn(x(n)) })] }),
  ],
  [
    'static_select option description',
    75,
    '/accessory/options/0/description/text',
    (n) => b.menu({ options: [option({ description: plain(x(n)) })] }),
  ],
  [
    'static_select option_group label',
    75,
    '/accessory/option_groups/0/label/text',
    (n) => b.menu({ option_groups: [b.group({ label: plain(x(n)) })] }),
  ],
  [
    'users_select placeholder',
    150,
    '/accessory/placeholder/text',
    (n) => b.accessory('users_select', { placeholder: plain(x(n)) }),
  ],
  ['input label', 2000, '/label/text', (n) => b.input({ label: plain(x(n)) })],
  ['input hint', 2000, '/hint/text', (n) => b.input({ hint: plain(x(n)) })],
  ['card title', 150, '/title/text', (n) => b.card({ title: mrkdwn(x(n)) })],
  ['card subtitle', 150, '/subtitle/text', (n) => b.card({ subtitle: mrkdwn(x(n)) })],
  ['card body', 200, '/body/text', (n) => b.card({ body: mrkdwn(x(n)) })],
  ['container title', 150, '/title/text', (n) => b.container({ title: plain(x(n)) })],
  ['container subtitle', 150, '/subtitle/text', (n) => b.container({ subtitle: mrkdwn(x(n)) })],
  ['data_visualization title', 50, '/title', (n) => ({ type: 'data_visualization', title: x(n), chart: {} })],
  ['video title', 200, '/title/text', (n) => b.video({ title: plain(x(n)) })],
  ['video alt_text', 2000, '/alt_text', (n) => b.video({ alt_text: x(n) })],
  ['video description', 200, '/description/text', (n) => b.video({ description: plain(x(n)) })],
  ['video author_name', 50, '/author_name', (n) => b.video({ author_name: x(n) })],
];

const go = () => ({ type: 'button', text: plain('Go') });
const bin = () => ({ type: 'icon_button', icon: 'trash', text: plain('Delete') });

const COUNTS: readonly Row[] = [
  [
    'section fields',
    10,
    '/fields',
    (n) => ({ type: 'section', fields: times(n, () => mrkdwn('f')) }),
    '; use a second section',
  ],
  [
    'context elements',
    10,
    '/elements',
    (n) => b.context(...times(n, () => mrkdwn('c'))),
    '; use a second context block',
  ],
  ['actions elements', 25, '/elements', (n) => b.actions(...times(n, go)), '; use a second actions block'],
  ['context_actions elements', 5, '/elements', (n) => ({ type: 'context_actions', elements: times(n, bin) })],
  ['overflow options', 5, '/accessory/options', (n) => b.overflow(...times(n, option))],
  [
    'checkboxes options',
    10,
    '/accessory/options',
    (n) => b.accessory('checkboxes', { options: times(n, option) }),
  ],
  [
    'radio_buttons options',
    10,
    '/accessory/options',
    (n) => b.accessory('radio_buttons', { options: times(n, option) }),
  ],
  ['static_select options', 100, '/accessory/options', (n) => b.menu({ options: times(n, option) })],
  [
    'static_select option_groups',
    100,
    '/accessory/option_groups',
    (n) => b.menu({ option_groups: times(n, b.group) }),
  ],
  [
    'static_select option_group options',
    100,
    '/accessory/option_groups/0/options',
    (n) => b.menu({ option_groups: [b.group({ options: times(n, option) })] }),
  ],
  ['carousel elements', 10, '/elements', (n) => b.carousel(...times(n, b.card))],
  [
    'container child_blocks',
    10,
    '/child_blocks',
    (n) => b.container({ child_blocks: times(n, () => b.divider) }),
  ],
  ['table rows', 100, '/rows', (n) => b.table({ rows: times(n, () => [b.cell('c')]) })],
  ['table row cells', 20, '/rows/0', (n) => b.table({ rows: [times(n, () => b.cell('c'))] })],
  [
    'table column_settings',
    20,
    '/column_settings',
    (n) => b.table({ column_settings: times(n, () => ({ align: 'left' })) }),
  ],
  ['data_table rows', 201, '/rows', (n) => b.dataTable({ rows: times(n, () => [b.cell('c')]) })],
  [
    'data_table row cells',
    20,
    '/rows/0',
    (n) => b.dataTable({ rows: times(2, () => times(n, () => b.cell('c'))) }),
  ],
];

const NUMBERS: readonly Row[] = [
  [
    'plain_text_input max_length',
    3000,
    '/element/max_length',
    (n) => b.input({ element: { type: 'plain_text_input', max_length: n } }),
  ],
  [
    'plain_text_input min_length',
    3000,
    '/element/min_length',
    (n) => b.input({ element: { type: 'plain_text_input', min_length: n } }),
  ],
  [
    'file_input max_files',
    10,
    '/element/max_files',
    (n) => b.input({ element: { type: 'file_input', max_files: n } }),
  ],
  ['data_table page_size', 100, '/page_size', (n) => b.dataTable({ page_size: n })],
];

const TOO_FEW: readonly (readonly [message: string, at: string, block: unknown])[] = [
  [
    'multi_users_select max_selected_items is 0, want a whole number from 1',
    '/accessory/max_selected_items',
    b.accessory('multi_users_select', { max_selected_items: 0 }),
  ],
  ['section text is empty', '/text/text', b.section({ text: mrkdwn('') })],
  ['section has 0 fields, at least 1', '/fields', b.section({ fields: [] })],
  ['actions has 0 elements, at least 1', '/elements', b.actions()],
  ['overflow has 0 options, at least 1', '/accessory/options', b.overflow()],
  ['carousel has 0 elements, at least 1', '/elements', b.carousel()],
  ['data_table has 1 rows, at least 2', '/rows', b.dataTable({ rows: [[b.cell('h')]] })],
  ['raw_text text is empty', '/rows/0/0/text', b.table({ rows: [[b.cell('')]] })],
  [
    'data_table page_size is 0, want a whole number from 1 to 100',
    '/page_size',
    b.dataTable({ page_size: 0 }),
  ],
];

describe('limits of Block Kit', () => {
  it.for(LENGTHS)('keep %s to %i characters (S31)', ([name, limit, at, build, remedy = '']) => {
    const message = `${name} is ${limit + 1} characters, at most ${limit}${remedy}`;
    expect(lintBlocks([build(limit)])).toEqual([]);
    expect(lintBlocks([build(limit + 1)])).toEqual([{ pointer: `/blocks/0${at}`, message }]);
  });

  it.for(COUNTS)('keep %s to %i (S31)', ([name, limit, at, build, remedy = '']) => {
    const [, owner, items] = /^(.*) (\w+)$/.exec(name) ?? [];
    const message = `${owner} has ${limit + 1} ${items}, at most ${limit}${remedy}`;
    expect(lintBlocks([build(limit)])).toEqual([]);
    const problems = lintBlocks([build(limit + 1)]);
    expect(problems[0]).toEqual({ pointer: `/blocks/0${at}`, message });
    expect(problems).toHaveLength(name === 'data_table row cells' ? 2 : 1);
  });

  it.for(NUMBERS)('keep %s to %i', ([name, limit, at, build]) => {
    expect(lintBlocks([build(limit)])).toEqual([]);
    const [problem, ...more] = lintBlocks([build(limit + 1)]);
    expect(problem?.pointer).toBe(`/blocks/0${at}`);
    expect(problem?.message).toMatch(
      new RegExp(`^${name} is ${limit + 1}, want a whole number from [01] to ${limit}$`),
    );
    expect(more).toEqual([]);
  });

  it.each(TOO_FEW)('say %s', (message, at, block) => {
    expect(lintBlocks([block])).toEqual([{ pointer: `/blocks/0${at}`, message }]);
  });

  it('let an overflow menu have a single option, as Slack does', () => {
    expect(lintBlocks([b.overflow(option())])).toEqual([]);
  });

  it('keep a message to 50 blocks', () => {
    const message = 'message has 51 blocks, at most 50; put the rest into a thread reply';
    expect(lintBlocks(times(50, () => b.divider))).toEqual([]);
    expect(lintBlocks(times(51, () => b.divider))).toEqual([{ pointer: '/blocks', message }]);
  });

  it('keep the text beside the blocks to what Slack does not cut off', () => {
    const message =
      'text is 40001 characters, at most 40000, Slack cuts off the rest; upload long text as a file';
    expect(lintMessage({ text: x(40_000) })).toEqual([]);
    expect(lintMessage({ text: x(40_001) })).toEqual([{ pointer: '/text', message }]);
  });

  it('count an emoji as one character', () => {
    expect(lintBlocks([b.header(plain('😀'.repeat(150)))])).toEqual([]);
    expect(lintBlocks([b.header(plain('😀'.repeat(151)))])[0]?.message).toContain('is 151 characters');
  });
});

describe('the sum over all blocks', () => {
  it('is refused past 13000 characters of JSON, though every block is fine (S31)', () => {
    const sections = times(5, () => b.section({ text: mrkdwn(x(2600)) }));
    const length = JSON.stringify(sections).length;
    const message = `blocks are ${length} characters of JSON, at most 13000 (Slack: msg_blocks_too_long); move part into a thread reply or a file`;
    expect(lintBlocks(sections.slice(1))).toEqual([]);
    expect(lintBlocks(sections)).toEqual([{ pointer: '/blocks', message }]);
  });

  it('counts structure as well: 11341 characters of text may be too many (S31)', () => {
    const part = (length: number) => b.richText({ type: 'text', text: x(length) });
    expect(lintBlocks([part(11_341)])).toEqual([]);
    const problems = lintBlocks([...times(19, () => part(570)), part(511)]);
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/blocks']);
  });

  it('leaves out the cells of tables, which have a budget of their own in a message', () => {
    const table = (length: number) => b.table({ rows: [[b.cell(x(length))]] });
    const dataTable = (length: number) => b.dataTable({ rows: [[b.cell('h')], [b.cell(x(length))]] });
    expect(lintBlocks([table(10_000), dataTable(19_999)])).toEqual([]);
    expect(lintBlocks([table(5_000), b.container({ child_blocks: [table(5_001)] })])).toEqual([
      { pointer: '/blocks', message: 'table blocks hold 10001 characters, at most 10000 in a message' },
    ]);
    expect(lintBlocks([dataTable(20_000)])).toEqual([
      { pointer: '/blocks', message: 'data_table blocks hold 20001 characters, at most 20000 in a message' },
    ]);
  });
});
