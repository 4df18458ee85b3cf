import { Message, type MessageProps } from 'slack-blocks-to-jsx';
import type { Block } from '../workspace/model.ts';
import { InlineText } from './inline-text.tsx';
import { parseMrkdwn, parsePlainText, type Span } from './mrkdwn.ts';

interface RenderedBlockProps {
  readonly block: Block;
  readonly names: Readonly<Record<string, string>>;
}

type EmojiHook = NonNullable<NonNullable<MessageProps['hooks']>['emoji']>;

/**
 * One block, by the Block Kit renderer. Its own reading of text is Markdown's, after un-escaping: `&lt;!here&gt;` would ping
 * and `# x` vanish. So each text goes through it as an emoji with a name of ours, which its emoji hook turns into the text.
 */
export function RenderedBlock({ block, names }: RenderedBlockProps) {
  const texts: Span[][] = [];
  const blocks = [withoutTexts(block, (type, text) => texts.push(parse(type, text, names)) - 1)];
  const emoji: EmojiHook = (found, parseEmoji) => {
    const spans = texts[Number(/^text-(\d+)$/.exec(found.name)?.[1])];
    return spans ? <InlineText spans={spans} emoji={(name) => parseEmoji({ name })} /> : parseEmoji(found);
  };
  return (
    <div ref={dropId}>
      <Message withoutWrapper theme="light" logo="" name="" blocks={blocks} hooks={{ emoji }} />
    </div>
  );
}

// Ids of blocks and actions would become ids of elements: any message could then take the place of a part of the page.
// Titles stay: the renderer shows an image's as it is.
function withoutTexts(
  block: Block,
  keep: (type: string, text: string) => number,
): MessageProps['blocks'][number] {
  return JSON.parse(JSON.stringify(block), (key, value) => {
    if (key === 'block_id' || key === 'action_id') return undefined;
    if (key === 'title' || !isText(value)) return value;
    return { ...value, text: `:text-${keep(value.type, value.text)}:` };
  });
}

function isText(value: unknown): value is { readonly type: string; readonly text: string } {
  if (typeof value !== 'object' || value === null || !('type' in value && 'text' in value)) return false;
  return /^(?:mrkdwn|plain_text|raw_text)$/.test(String(value.type)) && typeof value.text === 'string';
}

function parse(type: string, text: string, names: RenderedBlockProps['names']): Span[] {
  return type === 'mrkdwn' ? parseMrkdwn(text, names) : parsePlainText(text);
}

// The renderer gives every message the same element id.
function dropId(element: HTMLElement | null): void {
  element?.querySelector('#slack_blocks_to_jsx')?.removeAttribute('id');
}
