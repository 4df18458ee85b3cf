/** Small valid parts of messages, each with room for one thing to vary. */

export const x = (count: number): string => 'x'.repeat(count);
export const plain = (text: string) => ({ type: 'plain_text', text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const address = (length: number): string => `https://a.test/${x(length - 15)}`;

export function times(count: number, item: () => unknown): unknown[] {
  return Array.from({ length: count }, item);
}

export const divider = { type: 'divider' };
export const section = (rest: object) => ({ type: 'section', text: mrkdwn('text'), ...rest });
export const header = (text: unknown) => ({ type: 'header', text });
export const context = (...elements: unknown[]) => ({ type: 'context', elements });
export const markdown = (text: string) => ({ type: 'markdown', text });
export const image = (rest: object) => ({
  type: 'image',
  image_url: address(40),
  alt_text: 'a chart',
  ...rest,
});

export const actions = (...elements: unknown[]) => ({ type: 'actions', elements });
export const button = (rest: object) => actions({ type: 'button', text: plain('Go'), ...rest });
export const confirm = (rest: object) =>
  button({
    confirm: { title: plain('t'), text: plain('t'), confirm: plain('yes'), deny: plain('no'), ...rest },
  });
export const feedback = (rest: object) => ({
  type: 'context_actions',
  elements: [
    {
      type: 'feedback_buttons',
      positive_button: { text: plain('y'), value: 'y', ...rest },
      negative_button: { text: plain('n'), value: 'n' },
    },
  ],
});

export const option = (rest: object = {}) => ({ text: plain('o'), value: 'v', ...rest });
export const accessory = (type: string, rest: object) => section({ accessory: { type, ...rest } });
export const menu = (rest: object) => accessory('static_select', rest);
export const overflow = (...options: unknown[]) => accessory('overflow', { options });
export const group = (rest: object = {}) => ({ label: plain('g'), options: [option()], ...rest });
export const input = (rest: object) => ({
  type: 'input',
  label: plain('l'),
  element: { type: 'plain_text_input' },
  ...rest,
});

export const card = (rest: object = {}) => ({ type: 'card', body: mrkdwn('b'), ...rest });
export const carousel = (...elements: unknown[]) => ({ type: 'carousel', elements });
export const container = (rest: object) => ({
  type: 'container',
  title: plain('t'),
  child_blocks: [divider],
  ...rest,
});
export const video = (rest: object) => ({
  type: 'video',
  alt_text: 'a film',
  title: plain('t'),
  video_url: address(40),
  thumbnail_url: address(40),
  ...rest,
});
export const cell = (text: string) => ({ type: 'raw_text', text });
export const table = (rest: object) => ({ type: 'table', rows: [[cell('c')]], ...rest });
export const dataTable = (rest: object) => ({
  type: 'data_table',
  caption: 'c',
  rows: [[cell('h')], [cell('1')]],
  ...rest,
});
export const richText = (...elements: unknown[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
