import { Fault } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import { stringAt } from '../slack/answer.ts';
import type { Slack } from '../slack/client.ts';
import { escapeMrkdwn } from '../slack/mrkdwn.ts';
import { slackErrorOf } from '../slack/refusal.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';

const EVERYBODY: ReadonlyMap<string, string> = new Map([
  ['@here', '<!here>'],
  ['@channel', '<!channel>'],
  ['@everyone', '<!everyone>'],
]);

const LONGEST_EMAIL = 320;

/** A mention as far as it is known without asking Slack. */
export type Mention = { readonly token: string } | { readonly email: string };

/**
 * Reads `mention`. A value that came through a template may name a person but never a whole channel: it is untrusted.
 * Faults: PARAMS_INVALID.
 */
export function readMentions(list: readonly string[], vars: Vars): Mention[] {
  return list.map((given, index) => {
    const text = fill(given, vars, 'plain').trim();
    const everybody = EVERYBODY.get(text);
    if (everybody !== undefined && text === given.trim()) return { token: everybody };
    if (/^[UW][A-Z0-9]{2,}$/.test(text)) return { token: `<@${text}>` };
    if (/^S[A-Z0-9]{2,}$/.test(text)) return { token: `<!subteam^${text}>` };
    if (text.length <= LONGEST_EMAIL && /^[^\s@<>|,;:"]+@[^\s@<>|,;:"]+\.[^\s@<>|,;:"]+$/.test(text))
      return { email: text };
    throw new Fault(
      'PARAMS_INVALID',
      `params.mention[${index}]: ${JSON.stringify(text.slice(0, 80))} names nobody`,
      {
        hint: 'use @here, @channel, an e-mail address, a user id (U…) or a user group id (S…)',
      },
    );
  });
}

/** The tokens to write into the message. Somebody who is not in the workspace is named, not notified, with a warning. */
export async function resolveMentions(
  mentions: readonly Mention[],
  slack: Slack,
  log: Log,
): Promise<string[]> {
  return Promise.all(
    mentions.map(async (mention) => {
      if ('token' in mention) return mention.token;
      try {
        const id = stringAt(
          await slack.call('users.lookupByEmail', { email: mention.email }, 'read'),
          'user',
          'id',
        );
        if (id !== undefined) return `<@${id}>`;
      } catch (error) {
        if (slackErrorOf(error) !== 'users_not_found') throw error;
      }
      log.warn(`mention: ${mention.email} is not a member of the workspace and is not notified`);
      return escapeMrkdwn(mention.email);
    }),
  );
}

/** A token of the usual length for every mention, to lint the message before anybody is looked up. */
export function placeholders(mentions: readonly Mention[]): string[] {
  return mentions.map((mention) => ('token' in mention ? mention.token : '<@U0000000000>'));
}
