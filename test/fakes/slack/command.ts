import { enterprise, teamDomain, teamId } from './apps.ts';
import { isRecord } from './arguments.ts';
import type { ClickOptions, Deliver } from './click.ts';
import type { Delivery, Tampering } from './interactions/deliver.ts';
import { isOrg, named, originOf } from './origin.ts';
import { appOf, channelOf } from './people.ts';
import { addressOf, issueResponseUrl } from './response-url.ts';
import { issueTrigger } from './triggers.ts';
import type { Ephemeral, View, Workspace } from './workspace.ts';

export interface CommandOptions extends Tampering, Pick<ClickOptions, 'actor' | 'org'> {
  /** With the slash. */
  readonly command: string;
  readonly text?: string;
  readonly by: string;
  readonly channel: string;
  /** Default: the listener's app. */
  readonly app?: string;
  /** Changes the fields before they are signed. */
  readonly change?: (fields: Record<string, string>) => Record<string, string>;
}

export interface Command extends Delivery {
  readonly payload: Readonly<Record<string, string>>;
  readonly triggerId: string;
  readonly responseUrl: string;
  /** The answer in the acknowledgement, and what the response URL brought since; grows. */
  readonly ephemerals: readonly Ephemeral[];
  readonly modal: View | undefined;
}

/** Types a slash command. */
export async function command(slack: Workspace, options: CommandOptions, deliver: Deliver): Promise<Command> {
  const app = appOf(slack, options.app ?? 'listener');
  const channel = channelOf(slack, options.channel);
  const trigger = issueTrigger(slack, { app: app.id, user: options.by }).id;
  const place = { app: app.id, user: options.by, channel: channel.id, ts: undefined, ephemeral: false };
  const url = issueResponseUrl(slack, place);
  const responseUrl = addressOf(slack, url, teamId);
  const { actor } = originOf(slack, app, options, trigger);
  const fields: Record<string, string> = {
    token: app.verificationToken,
    team_id: teamId,
    team_domain: teamDomain,
    ...(isOrg(slack, options) ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {}),
    channel_id: channel.id,
    channel_name: named(channel).name,
    user_id: actor.id,
    user_name: actor.username,
    command: options.command,
    text: options.text ?? '',
    api_app_id: app.id,
    is_enterprise_install: String(isOrg(slack, options)),
    response_url: responseUrl,
    trigger_id: trigger,
  };
  const sent = options.change?.(fields) ?? fields;
  const body = Buffer.from(new URLSearchParams(sent).toString());
  const delivery = await deliver(app, { kind: 'slash_commands', payload: sent, body }, options);
  const answer = delivery.warning === undefined ? answerOf(delivery.body) : undefined;
  if (answer !== undefined)
    slack.ephemerals.push({
      channel: channel.id,
      user: options.by,
      ts: slack.nextTs(),
      thread_ts: undefined,
      app: app.id,
      ...answer,
      via: 'command',
      responseUrl: url.id,
      gone: false,
    });
  return {
    ...delivery,
    payload: sent,
    triggerId: trigger,
    responseUrl,
    get ephemerals() {
      return slack.ephemerals.filter((one) => one.responseUrl === url.id && !one.gone);
    },
    get modal() {
      return [...slack.views.values()].find((one) => one.trigger === trigger);
    },
  };
}

function answerOf(body: string): Pick<Ephemeral, 'text' | 'blocks'> | undefined {
  if (body.trim() === '') return undefined;
  const value = json(body);
  if (!isRecord(value)) return { text: body, blocks: [] };
  const { text, blocks } = value;
  if (text === undefined && blocks === undefined) return undefined;
  return {
    text: typeof text === 'string' ? text : '',
    blocks: Array.isArray(blocks) ? blocks.filter(isRecord) : [],
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
