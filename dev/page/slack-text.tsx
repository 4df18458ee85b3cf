import { RenderedBlock } from './rendered-block.tsx';

interface SlackTextProps {
  readonly type: 'mrkdwn' | 'plain_text';
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
}

/** A text of its own, outside of any block. */
export function SlackText({ type, text, names = {} }: SlackTextProps) {
  return <RenderedBlock key={text} block={{ type: 'section', text: { type, text } }} names={names} />;
}
