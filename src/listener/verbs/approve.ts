import { Fault } from '../../kit/fault.ts';
import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';
import { idOf, sendToApproval } from './records.ts';
import { operatorOf } from './withdraw.ts';

/** Approves in place of the approvers, for when Slack itself is down: on the card and in the audit as what it is. */
export const approve: Verb = {
  name: 'approve',
  usage: 'ID --as NAME --reason TEXT',
  summary: 'approves an open request without its approvers, when Slack cannot be used',
  async run(context, args) {
    const { words, values } = readOptions(args, ['ID'], {
      as: { type: 'string' },
      reason: { type: 'string' },
    });
    const name = operatorOf(values.as);
    const reason = values.reason?.trim();
    if (reason === undefined || reason === '')
      throw new Fault('CONFIG_INVALID', '--reason: required', {
        hint: 'it stands on the card and in the audit',
      });
    const id = await idOf(words[0] ?? '', context);
    const event = { type: 'override', operator: name, reason: reason.slice(0, 1000) } as const;
    await sendToApproval(id, event, 'approved', context);
    context.say(`${id}: approved`);
    return 0;
  },
};
