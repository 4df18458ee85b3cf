import type { Check } from './check.ts';
import { byType, list, object, text } from './check.ts';

const style: Check = () => undefined;
const number: Check = (value, pointer, report) => {
  if (typeof value !== 'number') report.add('must be a number', pointer);
};

const leaf: Check = byType({
  text: object({ required: { text: text(12_000) }, optional: { style } }),
  link: object({
    required: { url: text(3000) },
    optional: { text: text(12_000), style, unsafe: () => undefined },
  }),
  emoji: object({
    required: { name: text(255) },
    optional: { unicode: text(255), style, skin_tone: number },
  }),
  user: object({ required: { user_id: text(255) }, optional: { style } }),
  usergroup: object({ required: { usergroup_id: text(255) }, optional: { style } }),
  channel: object({ required: { channel_id: text(255) }, optional: { style } }),
  team: object({ required: { team_id: text(255) }, optional: { style } }),
  broadcast: object({ required: { range: text(20) }, optional: { style } }),
  color: object({ required: { value: text(20) }, optional: { style } }),
  date: object({
    required: { timestamp: number, format: text(255) },
    optional: { url: text(3000), fallback: text(255), style },
  }),
});

const leaves = list(leaf, 1000, 0);
const section = object({ required: { elements: leaves } });

/** One element of a `rich_text` block. */
export const richText: Check = byType({
  rich_text_section: section,
  rich_text_preformatted: object({
    required: { elements: leaves },
    optional: { border: number, language: text(255) },
  }),
  rich_text_quote: object({ required: { elements: leaves }, optional: { border: number } }),
  rich_text_list: object({
    required: { style: text(20), elements: list(byType({ rich_text_section: section }), 1000, 0) },
    optional: { indent: number, offset: number, border: number },
  }),
});
