import { channelById, messageAt } from '../channels.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';

export const reactionMethods: Readonly<Record<string, Method>> = {
  'reactions.add': {
    scope: 'reactions:write',
    json: true,
    args: ['channel', 'timestamp', 'name'],
    run(args, slack, app) {
      const name = args.required('name');
      const channel = channelById(slack, args.required('channel'), app);
      const message = messageAt(slack, channel, args.required('timestamp'));
      // Names come without colons; a skin tone is a suffix.
      if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new Refusal('invalid_name');
      if (channel.archived) throw new Refusal('is_archived');
      if (message.reactions.includes(name)) throw new Refusal('already_reacted');
      message.reactions.push(name);
      return {};
    },
  },
};
