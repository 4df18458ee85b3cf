import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import type { Block, ModalView, Outcome } from '../workspace/model.ts';
import { Blocks } from './blocks.tsx';
import { Field } from './field.tsx';
import { missing } from './missing.ts';
import { postJson } from './post-json.ts';
import { useDialog } from './use-dialog.ts';

interface ModalProps {
  readonly modal: ModalView;
  readonly as: string;
  readonly names: Readonly<Record<string, string>>;
}

/** A modal: its form is sent to the app, whose errors stand at the fields. Esc and its close button give it up. */
export function Modal({ modal, as, names }: ModalProps) {
  const dialog = useDialog();
  const title = useId();
  const { busy, outcome, submit } = useSubmit(modal, as);
  const close = () => void postJson('/close', { as, view: modal.id });
  return (
    <dialog ref={dialog} aria-labelledby={title} onCancel={close}>
      <form noValidate onSubmit={submit}>
        <h2 id={title}>{modal.title}</h2>
        <div className="body">
          {outcome.warning !== undefined && (
            <p role="alert">We had some trouble connecting. Try again? ({outcome.warning})</p>
          )}
          {modal.blocks.map((block, index) =>
            block.type === 'input' ? (
              <Field key={idOf(block)} block={block} error={outcome.errors?.[idOf(block)]} />
            ) : (
              <Blocks key={index} blocks={[block]} names={names} place={{ as, view: modal.id }} />
            ),
          )}
        </div>
        <footer>
          <button type="button" className="button" onClick={close}>
            {modal.close}
          </button>
          {modal.submit !== undefined && (
            <button type="submit" className="button primary" aria-disabled={busy}>
              {modal.submit}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

function useSubmit(modal: ModalView, as: string) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    const values = Object.fromEntries(
      [...new FormData(form)].flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && value !== '' ? [[name, value]] : [],
      ),
    );
    const show = (next: Outcome) => {
      setBusy(false);
      setOutcome(next);
      const [first] = Object.keys(next.errors ?? {});
      const field = first === undefined ? null : form.elements.namedItem(first);
      if (field instanceof HTMLElement) field.focus();
    };
    const errors = missing(modal.blocks, values);
    if (Object.keys(errors).length > 0) return show({ errors });
    setBusy(true);
    void postJson('/submit', { as, view: modal.id, values }).then(show);
  };
  return { busy, outcome, submit };
}

function idOf(block: Block): string {
  return String(block['block_id']);
}
