import { Fault } from '../kit/fault.ts';
import { stringAt, valueAt } from './answer.ts';
import type { Slack } from './client.ts';
import { slackErrorOf } from './refusal.ts';

const PAGES = 20;

/**
 * The id of a channel for the calls that take no name: uploads (S4). A user id opens the direct message. A name costs
 * conversations.list, which is slow and limited (S32), so this is asked only where nothing else tells the id; undefined
 * when the app may not list or the name is not found.
 */
export async function channelId(channel: string, slack: Slack): Promise<string | undefined> {
  if (isChannelId(channel)) return channel;
  if (/^[UW][A-Z0-9]{8,}$/.test(channel)) {
    const opened = await slack.call('conversations.open', { users: channel }, 'read');
    return stringAt(opened, 'channel', 'id');
  }
  const name = channel.replace(/^#/, '');
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const answer = await list(slack, cursor);
    if (answer === undefined) return undefined;
    const channels = valueAt(answer, 'channels');
    const all: readonly unknown[] = Array.isArray(channels) ? channels : [];
    const found = all.find((one) => stringAt(one, 'name') === name);
    if (found !== undefined) return stringAt(found, 'id');
    cursor = stringAt(answer, 'response_metadata', 'next_cursor');
    if (cursor === undefined) return undefined;
  }
  return undefined;
}

/** True for ids of channels, groups and direct messages; names and user ids are not (S4). */
export function isChannelId(channel: string): boolean {
  return /^[CGD][A-Z0-9]{8,}$/.test(channel);
}

async function list(slack: Slack, cursor: string | undefined): Promise<unknown> {
  for (const types of ['public_channel,private_channel', 'public_channel']) {
    try {
      return await slack.call(
        'conversations.list',
        { types, exclude_archived: true, limit: 1000, cursor },
        'read',
      );
    } catch (error) {
      if (!(error instanceof Fault) || slackErrorOf(error) !== 'missing_scope') throw error;
    }
  }
  return undefined;
}
