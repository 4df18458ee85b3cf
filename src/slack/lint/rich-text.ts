import {
  type Check,
  type Fields,
  integer,
  list,
  object,
  oneOf,
  string,
  UNLISTED_PASS,
  variant,
} from './check.ts';

// docs.slack.dev/reference/block-kit/blocks/rich-text-block; the pages give no lengths.

const word = string(Infinity, 1);

/** Inline elements and what each cannot do without: an open list, Slack itself sends more kinds than it documents. */
const inline = variant(
  {
    text: object({ 'text!': string() }),
    link: object({ 'url!': word, text: string() }),
    user: object({ 'user_id!': word }),
    usergroup: object({ 'usergroup_id!': word }),
    channel: object({ 'channel_id!': word }),
    emoji: object({ 'name!': word }),
    date: object({ 'timestamp!': integer(0), 'format!': word }),
    broadcast: object({ 'range!': oneOf('here', 'channel', 'everyone') }),
  },
  UNLISTED_PASS,
);

const line = object({ 'elements!': list(inline, Infinity, 0) });
const item = variant({ rich_text_section: line });
const part = variant({
  rich_text_section: line,
  rich_text_preformatted: line,
  rich_text_quote: line,
  rich_text_list: object({ 'elements!': list(item, Infinity, 0), 'style!': oneOf('bullet', 'ordered') }),
});

/** The inside of a rich_text block. */
export const richText: Fields = { 'elements!': list(part, Infinity, 0) };

/** A rich_text block where another block or an element holds one. */
export const richTextBlock: Check = variant({ rich_text: object(richText) });
