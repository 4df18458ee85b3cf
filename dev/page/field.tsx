import { useId } from 'react';
import type { Block } from '../workspace/model.ts';
import { textOf } from './text-of.ts';

interface FieldProps {
  /** An `input` block. */
  readonly block: Block;
  readonly error: string | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
};

/** An input block: its label, a text field of its kind, its hint, and what is wrong with what was typed. */
export function Field({ block, error }: FieldProps) {
  const id = useId();
  const element: Readonly<Record<string, unknown>> = { ...asObject(block['element']) };
  const hint = textOf(block['hint']);
  const optional = block['optional'] === true ? ' (optional)' : '';
  const type = TYPES[String(element['type'])];
  if (type === undefined) return <p className="note">This page has no {String(element['type'])}.</p>;
  const shared = {
    id,
    name: String(block['block_id']),
    maxLength: typeof element['max_length'] === 'number' ? element['max_length'] : undefined,
    placeholder: textOf(element['placeholder']) || undefined,
    defaultValue: typeof element['initial_value'] === 'string' ? element['initial_value'] : undefined,
    required: optional === '',
    'aria-invalid': error !== undefined,
    'aria-describedby': `${id}-hint ${id}-error`,
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        {textOf(block['label'])}
        {optional}
      </label>
      {element['multiline'] === true ? <textarea rows={4} {...shared} /> : <input type={type} {...shared} />}
      <p id={`${id}-error`} role="alert">
        {error}
      </p>
      <p id={`${id}-hint`} className="note">
        {hint}
      </p>
    </div>
  );
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
