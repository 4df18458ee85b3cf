import {
  type Check,
  type Elsewhere,
  type Fields,
  list,
  needsOneOf,
  never,
  object,
  oneOf,
  type Rule,
  string,
  url,
  variant,
} from './check.ts';
import { elementOf, isElement } from './elements.ts';
import { image, oneImageSource, plain, text } from './objects.ts';
import { richText, richTextBlock } from './rich-text.ts';
import { dataTable, table } from './tables.ts';

// Numbers: docs.slack.dev/reference/block-kit/blocks, and @slack/types 3.2.0.

const word = string(Infinity, 1);
const picture = elementOf('picture');
const contextText: Check = (value, at, _name, report) => text(3000)(value, at, 'context text', report);

const card = block(
  {
    hero_image: picture,
    icon: picture,
    title: text(150),
    subtitle: text(150),
    body: text(200),
    actions: list(elementOf('card')),
  },
  needsOneOf('hero_image', 'title', 'actions', 'body'),
);

/** The blocks that a container takes as well; it does not hold another container. */
const NESTED: Fields = {
  actions: block({ 'elements!': list(elementOf('actions'), 25, 1, '; use a second actions block') }),
  context: block({
    'elements!': list(
      elementOf('picture', { mrkdwn: contextText, plain_text: contextText }, ', only text or image'),
      10,
      1,
      '; use a second context block',
    ),
  }),
  divider: block({}),
  header: block({ 'text!': plain(150, '; use a section for long text') }),
  image: block({ ...image, title: plain(2000) }, oneImageSource),
  input: block({ 'label!': plain(2000), 'element!': elementOf('input'), hint: plain(2000) }),
  rich_text: block(richText),
  section: block(
    {
      text: text(3000, '; split it into several sections'),
      fields: list(text(2000), 10, 1, '; use a second section'),
      accessory: elementOf('section'),
    },
    needsOneOf('text', 'fields'),
  ),
  table: block(table),
  video: block({
    'alt_text!': string(2000),
    'title!': plain(200),
    'video_url!': url('https'),
    'thumbnail_url!': url(),
    title_url: url('https'),
    author_name: string(50),
    description: plain(200),
  }),
};

const BLOCKS: Fields = {
  ...NESTED,
  // Modals only: docs.slack.dev/blocks.json, slackapi/node-slack-sdk#2567.
  alert: never('alert blocks work in modals only, use a section'),
  call: block({ 'call_id!': word }),
  card,
  carousel: block({ 'elements!': list(variant({ card }, blockElsewhere), 10) }),
  container: block(
    {
      title: plain(150),
      rich_text_title: richTextBlock,
      subtitle: text(150),
      'child_blocks!': list(variant(NESTED, blockElsewhere), 10),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: picture,
    },
    needsOneOf('title', 'rich_text_title'),
  ),
  context_actions: block({ 'elements!': list(elementOf('context_actions'), 5) }),
  data_table: block(dataTable),
  data_visualization: block({ 'title!': string(50, 1), 'chart!': object({}) }),
  file: never('file blocks come from Slack alone, upload the file instead'),
  markdown: block({ 'text!': string(12_000, 0, '; use a second message or a file') }),
  plan: block({ 'title!': word, tasks: list(object({}), Infinity, 0) }),
  task_card: block({
    'task_id!': word,
    'title!': word,
    'status!': oneOf('pending', 'in_progress', 'complete', 'error'),
    details: richTextBlock,
    output: richTextBlock,
    sources: list(object({ 'url!': url(), 'text!': word }), Infinity, 0),
  }),
};

const anyBlock = variant(BLOCKS, (type) => {
  if (isElement(type))
    return `${type} is an element, not a block; put it into the elements of an actions block`;
  if (type === 'mrkdwn' || type === 'plain_text')
    return `${type} is a text object, not a block; put it into the text of a section`;
  return undefined;
});

/** One block of a message. */
export const messageBlock: Check = (value, at, _name, report) => anyBlock(value, at, 'block', report);

function block(fields: Fields, ...rules: readonly Rule[]): Check {
  return object({ block_id: string(255), ...fields }, ...rules);
}

function blockElsewhere(...[type, name]: Parameters<Elsewhere>): string | undefined {
  return Object.hasOwn(BLOCKS, type) || isElement(type) ? `${name} cannot be ${type}` : undefined;
}
