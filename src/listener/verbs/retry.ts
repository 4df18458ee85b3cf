import { retryNow } from '../../durable/retry.ts';
import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';
import { idOf } from './records.ts';

/** Has what failed for a record tried again now, not at the end of its pause. */
export const retry: Verb = {
  name: 'retry',
  usage: 'ID',
  summary: 'has what failed for a record tried again now',
  async run(context, args) {
    const { words } = readOptions(args, ['ID'], {});
    const id = await idOf(words[0] ?? '', context);
    const keys = await retryNow(id, context.clock.now(), await context.store());
    context.say(
      keys.length === 0 ? `${id}: nothing has failed` : `${id}: ${keys.join(', ')} will be tried now`,
    );
    return 0;
  },
};
