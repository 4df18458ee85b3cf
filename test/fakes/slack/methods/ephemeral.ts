import { channelByAnyName } from '../channels.ts';
import { readContent } from '../content.ts';
import type { Method } from '../method.ts';
import { Refusal } from '../refusal.ts';

export const ephemeralMethods: Readonly<Record<string, Method>> = {
  'chat.postEphemeral': {
    scope: 'chat:write',
    json: true,
    args: [
      'channel',
      'user',
      'text',
      'blocks',
      'attachments',
      'thread_ts',
      'parse',
      'link_names',
      'username',
      'icon_url',
      'icon_emoji',
    ],
    run(args, slack, app) {
      const channel = channelByAnyName(slack, args.required('channel'), app);
      const user = args.required('user');
      if (channel.archived) throw new Refusal('is_archived');
      if (!channel.apps.has(app.id)) throw new Refusal('not_in_channel');
      if (!channel.people.has(user)) throw new Refusal('user_not_in_channel');
      const { text, blocks, attachments } = readContent(args, slack);
      if (text === undefined && blocks.length === 0 && attachments.length === 0) throw new Refusal('no_text');
      const ts = slack.nextTs();
      slack.ephemerals.push({
        channel: channel.id,
        user,
        ts,
        thread_ts: args.text('thread_ts'),
        app: app.id,
        text: text ?? '',
        blocks,
        via: 'chat.postEphemeral',
        responseUrl: undefined,
        gone: false,
      });
      return { message_ts: ts };
    },
  },
};
