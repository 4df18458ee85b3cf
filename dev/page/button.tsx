import { useState } from 'react';
import { ExternalLink } from './inline-text.tsx';
import { sendClick } from './send-click.ts';
import { SlackText } from './slack-text.tsx';

type Fields = Readonly<Record<string, unknown>>;

interface ButtonProps {
  readonly button: Fields;
  /** Of the message that the button is in. */
  readonly ts: string;
  readonly blockId: unknown;
}

/** Whether a block element is a button. */
export function isButton(element: unknown): element is Fields {
  return typeof element === 'object' && element !== null && 'type' in element && element.type === 'button';
}

/** A Block Kit button: a link when it has an address, else one that reports the click and says what came of it. */
export function Button({ button, ts, blockId }: ButtonProps) {
  const [outcome, setOutcome] = useState('');
  const { url, style } = button;
  const className = `button ${typeof style === 'string' ? style : ''}`;
  const label = <SlackText type="plain_text" text={labelOf(button['text'])} />;
  const name = button['accessibility_label'];
  const spoken = typeof name === 'string' ? name : undefined;
  if (typeof url === 'string')
    return (
      <ExternalLink url={url} className={className} spoken={spoken}>
        {label}
      </ExternalLink>
    );

  const click = { message: ts, block: blockId, action: button['action_id'], value: button['value'] };
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={spoken}
        onClick={() => void sendClick(click).then(setOutcome)}
      >
        {label}
      </button>
      <output className="outcome">{outcome}</output>
    </>
  );
}

function labelOf(text: unknown): string {
  return typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
}
