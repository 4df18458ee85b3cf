import { isRecord } from '../arguments.ts';
import type { Check } from './check.ts';
import { flag, object, oneOf, text } from './check.ts';
import { viewBlocks } from './layout.ts';
import { plainText } from './text-object.ts';

const submitForInputs: Check = (view, pointer, report) => {
  if (!isRecord(view) || view['submit'] !== undefined || !Array.isArray(view['blocks'])) return;
  if (view['blocks'].some((block) => isRecord(block) && block['type'] === 'input'))
    report.add('`submit` must be defined when an `input` block is used', `${pointer}/submit`);
};

const oneFocus: Check = (view, pointer, report) => {
  const focused = JSON.stringify(view).match(/"focus_on_load":true/g) ?? [];
  if (focused.length > 1) report.add('only one element may have `focus_on_load`', pointer);
};

/** The view object of a modal, as views.open takes it. */
export const modal: Check = object(
  {
    required: { type: oneOf('modal'), title: plainText(24), blocks: viewBlocks },
    optional: {
      submit: plainText(24),
      close: plainText(24),
      private_metadata: text(3000, 0),
      callback_id: text(255, 0),
      external_id: text(255, 0),
      clear_on_close: flag,
      notify_on_close: flag,
      submit_disabled: flag,
    },
  },
  submitForInputs,
  oneFocus,
);
