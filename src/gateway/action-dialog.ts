import type { Shown } from '../slack/respond.ts';
import type { ActionRun } from './action-record.ts';

export const RUN = 'run-action:run';
export const CANCEL = 'run-action:cancel';
export const NOTHING = 'Nothing was run.';

/** The dialog of a click: what would be run, in plain text, and the two buttons that carry the id of the record. */
export function dialogOf(id: string, { action, confirm, threadTs }: ActionRun): Shown {
  const button = (actionId: string, label: string, style?: 'primary') => ({
    type: 'button',
    action_id: actionId,
    value: id,
    text: { type: 'plain_text', text: label },
    ...(style && { style }),
  });
  return {
    replace: false,
    threadTs,
    text: `Run ${action}?`,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: confirm, emoji: false } },
      { type: 'actions', elements: [button(RUN, 'Run', 'primary'), button(CANCEL, 'Cancel')] },
    ],
  };
}

/** What is said of a dialog that does nothing any more, by the status of its record. */
export function overWords(status: string, isRestored = false): string {
  if (isRestored)
    return 'The listener was restored from a backup since: see in the thread whether this was run. Nothing more was run.';
  if (status === 'asked' || status === 'lapsed')
    return `This dialog stood for more than 5 minutes. ${NOTHING} Click the button again.`;
  if (status === 'cancelled') return `This was cancelled. ${NOTHING}`;
  return 'This was run already; what became of it is said in the thread. Nothing more was run.';
}
