import { Fault } from '../../kit/fault.ts';
import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';
import { idOf, sendToApproval } from './records.ts';

/** Ends an open request, or an approval that no build has used. */
export const withdraw: Verb = {
  name: 'withdraw',
  usage: 'ID --as NAME [--reason TEXT]',
  summary: 'ends an open request, or an approval that is not used yet',
  async run(context, args) {
    const { words, values } = readOptions(args, ['ID'], {
      as: { type: 'string' },
      reason: { type: 'string' },
    });
    const name = operatorOf(values.as);
    const reason = values.reason?.trim() ?? '';
    const why = `by the operator ${name}${reason === '' ? '' : `: ${reason.slice(0, 1000)}`}`;
    const id = await idOf(words[0] ?? '', context);
    await sendToApproval(id, { type: 'withdraw', by: undefined, why, byVerb: true }, 'withdrawn', context);
    context.say(`${id}: withdrawn`);
    return 0;
  },
};

/** Whoever acts is named, because the audit asks who it was. */
export function operatorOf(as: string | undefined): string {
  const name = as?.trim() ?? '';
  if (/^[^\p{Cc}]{1,100}$/u.test(name)) return name;
  throw new Fault('CONFIG_INVALID', '--as: required, the name of who does this', {
    hint: 'it stands in the audit and on the card',
  });
}
