import { afterEach, describe, expect, it } from 'vitest';
import type { FakeSlack } from '../server.ts';
import { startFakeSlack } from '../server.ts';
import { api, uploadBytes, waitForFile } from '../testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

const plain = (text: string) => ({ type: 'plain_text', text });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const image = (more: object) => ({ type: 'image', alt_text: 'a chart', ...more });

async function post(blocks: readonly object[]): Promise<Record<string, unknown>> {
  return api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'fallback', blocks });
}

async function problems(...blocks: object[]): Promise<unknown> {
  slack = await startFakeSlack();
  const answer = await post(blocks);
  expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
  expect(slack.messages()).toEqual([]);
  return answer['errors'];
}

describe('blocks of a message', () => {
  it('takes one of each common block', async () => {
    slack = await startFakeSlack();
    const answer = await post([
      { type: 'header', text: plain('Release'), block_id: 'top' },
      { type: 'section', text: { type: 'mrkdwn', text: '*x*', verbatim: true }, accessory: button() },
      { type: 'section', fields: [plain('a'), plain('b')], expand: true },
      { type: 'divider' },
      { type: 'context', elements: [plain('small'), image({ image_url: 'https://example.com/a.png' })] },
      actions(
        button({ url: 'https://example.com', style: 'primary' }),
        button({ value: 'v', action_id: 'a' }),
      ),
      { type: 'markdown', text: '# hi' },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }],
      },
    ]);
    expect(answer).toMatchObject({ ok: true });
  });

  it('says what is wrong in both places Slack uses, with a JSON pointer', async () => {
    slack = await startFakeSlack();
    const answer = await post([{ type: 'section', text: plain('x'.repeat(3001)) }]);
    expect(answer).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: [
        'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
        'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
      ],
      response_metadata: {
        messages: [
          '[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]',
          '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
        ],
      },
    });
  });

  it.each([
    ['an unknown block', { type: 'nonsense' }, 'unsupported type: nonsense [json-pointer:/blocks/0/type]'],
    [
      'an alert, which modals alone have',
      { type: 'alert' },
      'unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      'a section without text and fields',
      { type: 'section' },
      'must define either `text` or `fields` [json-pointer:/blocks/0/type]',
    ],
    [
      'an eleventh field (S31)',
      { type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) },
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long field',
      { type: 'section', fields: [plain('x'.repeat(2001))] },
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'empty text',
      { type: 'header', text: plain('') },
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a long header',
      { type: 'header', text: plain('x'.repeat(151)) },
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'mrkdwn in a header',
      { type: 'header', text: { type: 'mrkdwn', text: 'x' } },
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'a long button text (S31)',
      actions(button({ text: plain('x'.repeat(76)) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long button value',
      actions(button({ value: 'x'.repeat(2001) })),
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a long button address',
      actions(button({ url: `https://example.com/${'x'.repeat(3000)}` })),
      'must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]',
    ],
    [
      'an unknown style',
      actions(button({ style: 'warning' })),
      'must be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'a confirm dialog without a title',
      actions(button({ confirm: { text: plain('Sure?') } })),
      'missing required field: title [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      'a long confirm text',
      actions(button({ confirm: { title: plain('Deploy'), text: plain('x'.repeat(301)) } })),
      'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
    ],
    [
      'a long confirm button',
      actions(button({ confirm: { title: plain('a'), text: plain('b'), confirm: plain('x'.repeat(31)) } })),
      'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]',
    ],
    [
      'a long action_id',
      actions(button({ action_id: 'x'.repeat(256) })),
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a long block_id',
      { ...actions(button()), block_id: 'x'.repeat(256) },
      'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    ],
    [
      'an unknown property',
      actions(button({ disabled: true })),
      'invalid additional property: disabled [json-pointer:/blocks/0/elements/0]',
    ],
    [
      '26 buttons',
      actions(...Array.from({ length: 26 }, () => button())),
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'an action_id twice in one block (S30)',
      actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
      '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'an image without alt text',
      { type: 'image', image_url: 'https://example.com/a.png' },
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an image without a source',
      image({}),
      'must define either `image_url` or `slack_file` [json-pointer:/blocks/0/type]',
    ],
    [
      'an image with both sources',
      image({ image_url: 'https://example.com/a.png', slack_file: { id: 'F0000000000' } }),
      'must not define both `image_url` and `slack_file` [json-pointer:/blocks/0/type]',
    ],
    [
      'an unknown slack_file',
      image({ slack_file: { id: 'F0NOBODY001' } }),
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'a misshapen slack_file id',
      image({ slack_file: { id: 'nope' } }),
      'failed to match regex pattern: ^[F][A-Z0-9]{8,}$ [json-pointer:/blocks/0/slack_file/id]',
    ],
  ])('refuses %s', async (_, block, message) => {
    expect(await problems(block)).toContain(message);
  });

  it('refuses 51 blocks and a block_id given twice', async () => {
    const divider = { type: 'divider' };
    expect(await problems(...Array.from({ length: 51 }, () => divider))).toEqual([
      'no more than 50 items allowed [json-pointer:/blocks]',
    ]);
    await slack.close();
    expect(await problems({ ...divider, block_id: 'x' }, { ...divider, block_id: 'x' })).toEqual([
      '`block_id` "x" already exists [json-pointer:/blocks/1/block_id]',
    ]);
  });

  it('refuses more than about 13.2k characters over all blocks (S31)', async () => {
    slack = await startFakeSlack();
    const section = { type: 'section', text: plain('x'.repeat(2900)) };
    expect(await post(Array.from({ length: 4 }, () => section))).toMatchObject({ ok: true });
    expect(await post(Array.from({ length: 5 }, () => section))).toEqual({
      ok: false,
      error: 'msg_blocks_too_long',
    });
  });

  it('takes a slack_file only once the file is ready (S9)', async () => {
    slack = await startFakeSlack();
    const id = await uploadBytes(slack, new Uint8Array([1, 2, 3]));
    const show = () => post([image({ slack_file: { id } })]);
    expect(await show()).toMatchObject({ error: 'invalid_blocks' });
    await api(slack, 'files.completeUploadExternal', { files: [{ id }] });
    expect(await show()).toMatchObject({
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    });
    const file = await waitForFile(slack, id, (one) => one['mimetype'] !== '');
    expect(await show()).toMatchObject({ ok: true });
    expect(await post([image({ slack_file: { url: file['url_private'] } })])).toMatchObject({ ok: true });
  });

  it.each(['report.pdf', 'photo.webp'])('refuses %s as a slack_file', async (filename) => {
    slack = await startFakeSlack({ readyAfterMs: 0 });
    const id = await uploadBytes(slack, new Uint8Array([1]), { filename });
    await api(slack, 'files.completeUploadExternal', { files: [{ id }] });
    await waitForFile(slack, id, (one) => one['mimetype'] !== '');
    expect(await post([image({ slack_file: { id } })])).toMatchObject({ error: 'invalid_blocks' });
  });

  it('never takes a slack_file that never gets ready', async () => {
    slack = await startFakeSlack({ neverReady: true, shareAfterMs: 0 });
    const id = await uploadBytes(slack, new Uint8Array([1]));
    await api(slack, 'files.completeUploadExternal', { files: [{ id }], channel_id: 'C0RELEASES1' });
    await waitForFile(slack, id, (one) => JSON.stringify(one['shares']) !== '{}');
    expect(await api(slack, 'files.info', { file: id })).toMatchObject({ file: { mimetype: '' } });
    expect(await post([image({ slack_file: { id } })])).toMatchObject({ error: 'invalid_blocks' });
  });

  it('looks into the blocks of attachments', async () => {
    slack = await startFakeSlack();
    const attachments = [{ color: '#f00', blocks: [{ type: 'nonsense' }] }];
    expect(
      await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'x', attachments }),
    ).toMatchObject({
      errors: ['unsupported type: nonsense [json-pointer:/attachments/0/blocks/0/type]'],
    });
  });
});
