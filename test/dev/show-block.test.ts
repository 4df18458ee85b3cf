import { expect, it } from 'vitest';
import { showBlock } from '../../dev/workspace/show-block.ts';

it('serves a slack_file from the workspace, by id or address', () => {
  const byId = showBlock({ type: 'image', alt_text: 'CPU', slack_file: { id: 'F0123456789' } });
  const byUrl = showBlock({
    type: 'image',
    slack_file: { url: 'http://127.0.0.1:1/files-pri/F0123456789/cpu.png' },
  });
  expect([byId['image_url'], byUrl['image_url']]).toEqual([
    '/files/F0123456789/image',
    '/files/F0123456789/image',
  ]);
});

it.each([
  ['an image', { type: 'image', image_url: 'https://evil.example/a.png' }],
  [
    'an image in a context',
    { type: 'context', elements: [{ type: 'image', image_url: 'https://evil.example/a.png' }] },
  ],
  [
    'a video',
    { type: 'video', video_url: 'https://evil.example/v', thumbnail_url: 'https://evil.example/t.png' },
  ],
  ['an image in Markdown', { type: 'markdown', text: 'see ![a](b) and ![c][d]' }],
])('leaves nothing to load from other hosts in %s', (_, block) => {
  expect(JSON.stringify(showBlock(block))).not.toMatch(/evil\.example|!\[/);
});

it('keeps web addresses of buttons and drops others', () => {
  const button = (url: string) => ({ type: 'actions', elements: [{ type: 'button', url }] });
  expect(showBlock(button('https://e.x/?a=1'))).toEqual(button('https://e.x/?a=1'));
  expect(showBlock(button('javascript:alert(1)'))).toEqual({
    type: 'actions',
    elements: [{ type: 'button' }],
  });
});
