import { useState } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { ExternalLink } from './inline-text.tsx';
import type { Place } from './place.ts';
import { postJson } from './post-json.ts';
import { SlackText } from './slack-text.tsx';
import { textOf } from './text-of.ts';

type Fields = Readonly<Record<string, unknown>>;

interface ButtonProps {
  readonly button: Fields;
  readonly place: Place;
}

/** Whether a block element is a button. */
export function isButton(element: unknown): element is Fields {
  return typeof element === 'object' && element !== null && 'type' in element && element.type === 'button';
}

/** A Block Kit button: a link when it has an address, else one that clicks, after its confirm dialog if it has one. */
export function Button({ button, place }: ButtonProps) {
  const { url, style, confirm } = button;
  const className = `button ${typeof style === 'string' ? style : ''}`;
  const label = <SlackText type="plain_text" text={textOf(button['text'])} />;
  const name = button['accessibility_label'];
  const spoken = typeof name === 'string' ? name : undefined;
  const { click, busy, warning } = useClick(button, place);
  const [asking, setAsking] = useState(false);
  if (typeof url === 'string')
    return (
      <ExternalLink url={url} className={className} spoken={spoken}>
        {label}
      </ExternalLink>
    );

  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={spoken}
        aria-disabled={busy}
        onClick={() => (confirm === undefined ? click() : setAsking(true))}
      >
        {label}
      </button>
      {asking && (
        <ConfirmDialog
          confirm={confirm}
          onEnd={(sure) => {
            setAsking(false);
            if (sure) click();
          }}
        />
      )}
      <output className="warning">{warning}</output>
    </>
  );
}

// A button stays one while its click is under way, so that it keeps the focus; it only does nothing.
function useClick(button: Fields, place: Place) {
  const [busy, setBusy] = useState(false);
  const [warning, setWarning] = useState('');
  const click = () => {
    if (busy) return;
    setBusy(true);
    setWarning('');
    void postJson('/click', { ...place, action: button['action_id'] }).then((outcome) => {
      setBusy(false);
      setWarning(outcome.warning === undefined ? '' : `⚠ ${outcome.warning}`);
    });
  };
  return { click, busy, warning };
}
