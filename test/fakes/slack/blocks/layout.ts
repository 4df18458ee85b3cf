import { isRecord } from '../arguments.ts';
import type { Check } from './check.ts';
import { byType, flag, list, object, text } from './check.ts';
import {
  accessory,
  actionElement,
  cardButton,
  contextAction,
  contextElement,
  image,
  imageBlock,
  inputElement,
} from './elements.ts';
import { richText } from './rich-text.ts';
import { plainText, textObject } from './text-object.ts';

const block_id = text(255);

const uniqueActions: Check = (value, pointer, report) => {
  const elements = isRecord(value) ? value['elements'] : undefined;
  if (!Array.isArray(elements)) return;
  const seen = new Set<unknown>();
  for (const [index, element] of elements.entries()) {
    const id: unknown = isRecord(element) ? element['action_id'] : undefined;
    if (id !== undefined && seen.has(id))
      report.add(
        `\`action_id\` ${JSON.stringify(id)} already exists`,
        `${pointer}/elements/${index}/action_id`,
      );
    seen.add(id);
  }
};

const textOrFields: Check = (value, pointer, report) => {
  if (!isRecord(value) || value['text'] !== undefined || value['fields'] !== undefined) return;
  report.add('must define either `text` or `fields`', `${pointer}/type`);
};

const cardContent: Check = (value, pointer, report) => {
  const wanted = ['hero_image', 'title', 'actions', 'body'];
  if (isRecord(value) && !wanted.some((name) => value[name] !== undefined))
    report.add(`must define one of ${wanted.join(', ')}`, `${pointer}/type`);
};

const card = object(
  {
    optional: {
      block_id,
      hero_image: image,
      icon: image,
      slack_icon: () => undefined,
      title: textObject(150),
      subtitle: textObject(150),
      body: textObject(200),
      actions: list(cardButton, 25),
    },
  },
  cardContent,
);

const cell: Check = byType({
  raw_text: object({ required: { text: text(3000) } }),
  rich_text: object({ required: { elements: list(richText, 100) }, optional: { block_id } }),
});

const partlyKnown = object({ optional: { block_id }, open: true });

const messageBlocksByType: Readonly<Record<string, Check>> = {
  actions: object({ required: { elements: list(actionElement, 25) }, optional: { block_id } }, uniqueActions),
  card,
  carousel: object({ required: { elements: list(byType({ card }), 10) }, optional: { block_id } }),
  container: partlyKnown,
  context: object({ required: { elements: list(contextElement, 10) }, optional: { block_id } }),
  context_actions: object(
    { required: { elements: list(contextAction, 5) }, optional: { block_id } },
    uniqueActions,
  ),
  data_table: object({ required: { caption: () => undefined }, optional: { block_id }, open: true }),
  data_visualization: partlyKnown,
  divider: object({ optional: { block_id } }),
  file: object({ required: { external_id: text(255), source: text(20) }, optional: { block_id } }),
  header: object({ required: { text: plainText(150) }, optional: { block_id } }),
  image: imageBlock,
  input: object({
    required: { label: plainText(2000), element: inputElement },
    optional: { block_id, hint: plainText(2000), optional: flag, dispatch_action: flag },
  }),
  markdown: object({ required: { text: text(12_000) }, optional: { block_id } }),
  plan: partlyKnown,
  rich_text: object({ required: { elements: list(richText, 100, 0) }, optional: { block_id } }),
  section: object(
    {
      optional: {
        block_id,
        text: textObject(3000),
        fields: list(textObject(2000), 10),
        accessory,
        expand: flag,
      },
    },
    textOrFields,
  ),
  table: object({
    required: { rows: list(list(cell, 20), 100) },
    optional: { block_id, column_settings: list(() => undefined, 20) },
  }),
  task_card: partlyKnown,
  video: object({
    required: {
      title: plainText(200),
      video_url: text(3000),
      thumbnail_url: text(3000),
      alt_text: text(2000),
    },
    optional: { block_id },
    open: true,
  }),
};

/** Every block a message may hold. `alert` is for modals only (java-slack-sdk#1624). */
export const messageBlocks: Check = list(byType(messageBlocksByType), 50, 0);

/** Every block a modal may hold. */
export const viewBlocks: Check = list(byType({ ...messageBlocksByType, alert: partlyKnown }), 100, 0);
