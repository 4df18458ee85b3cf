import { expect, test } from 'vitest';
import { buildMessage, linkBlockOf } from '../../src/slack/message.ts';
import { linksIn } from '../support/world.ts';

const link = (url: string) => ({
  title: 'a <b> | c',
  fileName: 'report.pdf',
  size: 945,
  url,
  expiresAt: 1_795_000_000,
});

test('a link stands in the text, so that a click needs no answer from the app (S28)', () => {
  const block = linkBlockOf(link('https://bucket.example/report.pdf?a=1&b=2'));
  expect(block).toEqual({
    type: 'section',
    text: {
      type: 'mrkdwn',
      text:
        '*<https://bucket.example/report.pdf?a=1&amp;b=2|a &lt;b&gt; | c>*\nreport.pdf · 945 bytes · works until ' +
        '<!date^1795000000^{date_short_pretty} {time}|2026-11-18 11:06 UTC>',
    },
  });
  expect(linksIn(block)).toEqual(['https://bucket.example/report.pdf?a=1&b=2']);
});

test('an address that is too long for the text of a section gets a button (S10, S31)', () => {
  const url = `https://bucket.example/report.pdf?token=${'x'.repeat(2900)}`;
  const block = linkBlockOf(link(url));
  expect(block).toMatchObject({ type: 'section', accessory: { type: 'button', url, action_id: 'open-1' } });
  expect(JSON.stringify(block['text'])).not.toContain('token=');
});

test('a message of blocks alone says in its text what they say, and nothing there comes alive (S29)', () => {
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: 'Release <!channel>' } },
    { type: 'section', text: { type: 'mrkdwn', text: '*1.2.3* is <https://a.example|out>' } },
    { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' } }] },
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'by Bob' }] }],
    },
  ];
  const parts = {
    text: undefined,
    plain: false,
    mentions: [],
    links: [],
    images: [],
    buttons: [],
    files: [],
  };
  expect(buildMessage({ ...parts, blocks }).text).toBe(
    'Release &lt;!channel&gt; *1.2.3* is <https://a.example|out> by Bob',
  );
  expect(buildMessage({ ...parts, blocks: [{ type: 'divider' }] }).text).toBe('A message with blocks');
});
