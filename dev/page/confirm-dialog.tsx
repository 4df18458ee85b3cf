import { useId } from 'react';
import { SlackText } from './slack-text.tsx';
import { textOf } from './text-of.ts';
import { useDialog } from './use-dialog.ts';

interface ConfirmDialogProps {
  /** Block Kit's confirmation dialog object. */
  readonly confirm: unknown;
  /** Told whether the person is sure. Esc is no. */
  readonly onEnd: (sure: boolean) => void;
}

/** Asks whether a click is meant. */
export function ConfirmDialog({ confirm, onEnd }: ConfirmDialogProps) {
  const dialog = useDialog();
  const title = useId();
  const { style, ...texts }: Record<string, unknown> = { ...(typeof confirm === 'object' ? confirm : {}) };
  const mrkdwn = JSON.stringify(texts['text'] ?? '').includes('"mrkdwn"');
  return (
    <dialog ref={dialog} aria-labelledby={title} onCancel={() => onEnd(false)}>
      <h2 id={title}>{textOf(texts['title'])}</h2>
      <div className="body">
        <SlackText type={mrkdwn ? 'mrkdwn' : 'plain_text'} text={textOf(texts['text'])} />
      </div>
      <footer>
        <button type="button" className="button" onClick={() => onEnd(false)}>
          {textOf(texts['deny']) || 'No'}
        </button>
        <button
          type="button"
          className={`button ${style === 'danger' ? 'danger' : 'primary'}`}
          onClick={() => onEnd(true)}
        >
          {textOf(texts['confirm']) || 'Yes'}
        </button>
      </footer>
    </dialog>
  );
}
