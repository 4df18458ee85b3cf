import type { Mistake } from './mistake.ts';

const words = (text: string) => ({ type: 'mrkdwn', text });
const button = (text: string) => ({ type: 'button', action_id: 'go', text: { type: 'plain_text', text } });

/** Mistakes in Block Kit, told before any call. */
export const blockMistakes: readonly Mistake[] = [
  {
    name: 'blocks-of-every-kind-of-wrong',
    params: {
      blocks: [
        { type: 'section', text: words('x'.repeat(3001)) },
        { type: 'section', fields: Array.from({ length: 11 }, (_, index) => words(`field ${index}`)) },
        { type: 'actions', elements: [button('Deploy '.repeat(12).trim())] },
        { type: 'sectoin', text: words('Hello') },
        { type: 'header', text: words('Hello') },
      ],
    },
  },
  { name: 'block-without-a-list', params: { blocks: { type: 'divider' } } },
  { name: 'block-as-text', params: { blocks: ['Hello'] } },
  {
    name: 'button-label-too-long',
    params: { text: 'Done', buttons: [{ text: 'x'.repeat(76), url: 'https://example.com' }] },
  },
  {
    name: 'button-label-too-long-once-filled',
    params: {
      text: 'Done',
      buttons: [{ text: 'Deploy {{title}}', url: 'https://example.com' }],
      vars: { title: 'y'.repeat(80) },
    },
  },
  {
    name: 'blocks-too-long-together',
    params: { blocks: Array.from({ length: 5 }, () => ({ type: 'section', text: words('x'.repeat(2900)) })) },
  },
];
