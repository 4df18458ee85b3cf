import type { SlackApp } from './apps.ts';
import { enterprise, teamDomain, teamId } from './apps.ts';
import type { Control } from './interactions/controls.ts';
import { controlsOf, findControl, isRecord, withIds } from './interactions/controls.ts';
import type { Delivery, Notice, Tampering } from './interactions/deliver.ts';
import type { Origin } from './interactions/payloads.ts';
import { clickInMessage, clickInView, interactionBody } from './interactions/payloads.ts';
import type { Filled } from './interactions/state.ts';
import { stateOf } from './interactions/state.ts';
import { appOf, channelOf } from './people.ts';
import { renderMessage } from './render.ts';
import { addressOf, issueResponseUrl } from './response-url.ts';
import { issueTrigger } from './triggers.ts';
import { renderView } from './views.ts';
import type { Channel, Ephemeral, Message, View, Workspace } from './workspace.ts';

/** Sends a notice to an app, by HTTP or by socket. */
export type Deliver = (app: SlackApp, notice: Notice, tampering: Tampering) => Promise<Delivery>;

export interface ClickOptions extends Tampering {
  /** Where the message is; or the message, the ephemeral or the modal itself. */
  readonly channel?: string;
  /** Default: the only message of the channel that has the button. */
  readonly ts?: string;
  /** A message or ephemeral; what counts is its state of now. */
  readonly message?: { readonly channel: string; readonly ts: string };
  /** Clicks what a page that was not reloaded still shows, as `look` saw it. */
  readonly seen?: Message;
  readonly view?: View;
  /** The `action_id` or the text of the button. */
  readonly button: string;
  /** Id of who clicks; whoever is no seeded user must be given by `actor`. */
  readonly by: string;
  readonly actor?: { readonly username?: string; readonly team_id?: string };
  /** Chosen in a menu; of a button a value other than its own. */
  readonly value?: string | readonly string[];
  /** What else is filled in in that message or modal. */
  readonly values?: Filled;
  /** False: the person thinks better of it in the confirm dialog, and nothing is sent. */
  readonly confirm?: boolean;
  /** The app is installed for a whole organisation: `team` is null. */
  readonly org?: boolean;
  /** Changes the payload before it is signed. */
  readonly change?: (payload: Record<string, unknown>) => Record<string, unknown>;
}

/** The texts of a confirm dialog. */
export interface ConfirmDialog {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

/** A click, what was sent for it, and what came of it. */
export interface Click extends Delivery {
  readonly by: string;
  readonly app: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly triggerId: string;
  /** Empty for a click in a modal. */
  readonly responseUrl: string;
  /** What the person had to confirm first. */
  readonly dialog: ConfirmDialog | undefined;
  /** What the app has told this person alone since the click, here or by its response URL; grows. */
  readonly ephemerals: readonly Ephemeral[];
  /** The modal that the click opened, once it is. */
  readonly modal: View | undefined;
}

/** Clicks a button of a message, an ephemeral or a modal as Slack's client and servers do together. */
export async function click(slack: Workspace, options: ClickOptions, deliver: Deliver): Promise<Click> {
  const target =
    options.view === undefined ? inMessage(slack, options) : inView(slack, options, options.view);
  const { app, control, payload } = target;
  const sent = options.change?.(payload) ?? payload;
  const dialog = dialogOf(control);
  const since = slack.nextTs();
  const delivery =
    options.confirm === false
      ? { status: undefined, headers: {}, body: '', ms: 0, warning: 'not confirmed', request: undefined }
      : await deliver(
          app,
          { kind: 'interactive', payload: sent, body: Buffer.from(interactionBody(sent)) },
          options,
        );
  return {
    ...delivery,
    by: options.by,
    app: app.id,
    payload: sent,
    triggerId: target.trigger,
    responseUrl: target.responseUrl,
    dialog,
    get ephemerals() {
      return slack.ephemerals.filter((one) => {
        const answers = one.responseUrl !== undefined && target.responseUrl.endsWith(one.responseUrl);
        const posted =
          one.via === 'chat.postEphemeral' && one.app === app.id && one.channel === target.channel;
        return !one.gone && one.user === options.by && (answers || (posted && one.ts > since));
      });
    },
    get modal() {
      return [...slack.views.values()].find((one) => one.trigger === target.trigger);
    },
  };
}

interface Target {
  readonly app: SlackApp;
  readonly control: Control;
  readonly payload: Record<string, unknown>;
  readonly trigger: string;
  readonly responseUrl: string;
  readonly channel: string | undefined;
}

function inMessage(slack: Workspace, options: ClickOptions): Target {
  const { message, ephemeral } = held(slack, options);
  const where = `message ${message.ts} of ${channelOf(slack, message.channel).name}`;
  const { control, blocks, attachment } = inBlocks(message, options.button, where);
  const app = appOf(slack, message.app ?? '');
  const trigger = issueTrigger(slack, { app: app.id, user: options.by }).id;
  const url = issueResponseUrl(slack, {
    app: app.id,
    user: options.by,
    channel: message.channel,
    ts: message.ts,
    ephemeral,
  });
  const responseUrl = addressOf(slack, url, teamId);
  const payload = clickInMessage(
    originOf(slack, app, options, trigger),
    {
      channel: named(channelOf(slack, message.channel)),
      ts: message.ts,
      threadTs: message.thread_ts,
      ephemeral,
      attachment,
      shown: 'via' in message ? undefined : shown(slack, message),
      responseUrl,
    },
    { control, value: options.value, ts: actionTs(slack) },
    stateOf(blocks, options.values ?? {}),
  );
  return { app, control, payload, trigger, responseUrl, channel: message.channel };
}

function inView(slack: Workspace, options: ClickOptions, view: View): Target {
  const blocks = Array.isArray(view.content['blocks']) ? view.content['blocks'] : [];
  if (!view.open) throw new Error(`the modal ${view.id} is closed`);
  const control = findControl(blocks, options.button, `modal ${view.id}`);
  const app = appOf(slack, view.app);
  const trigger = issueTrigger(slack, { app: app.id, user: options.by, view: view.id }).id;
  const state = { values: stateOf(blocks, options.values ?? {}) };
  const payload = clickInView(
    originOf(slack, app, options, trigger),
    { ...renderView(slack, view), state },
    { control, value: options.value, ts: actionTs(slack) },
  );
  return { app, control, payload, trigger, responseUrl: '', channel: undefined };
}

function held(slack: Workspace, options: ClickOptions): { message: Message | Ephemeral; ephemeral: boolean } {
  if (options.seen !== undefined) return { message: options.seen, ephemeral: false };
  const channel = channelOf(slack, options.message?.channel ?? options.channel ?? '').id;
  const ts = options.message?.ts ?? options.ts;
  const here = (one: Message | Ephemeral) => one.channel === channel && (ts === undefined || one.ts === ts);
  if (ts === undefined)
    return { message: onlyWith(slack.messages.filter(here), options.button, channel), ephemeral: false };
  const message = slack.messages.find(here);
  if (message !== undefined) return { message, ephemeral: false };
  const ephemeral = slack.ephemerals.find((one) => here(one) && !one.gone && one.user === options.by);
  if (ephemeral === undefined)
    throw new Error(`fake Slack shows ${options.by} no message ${ts} in ${channel}`);
  return { message: ephemeral, ephemeral: true };
}

function onlyWith(messages: readonly Message[], button: string, channel: string): Message {
  const having = messages.filter((message) =>
    allBlocks(message)
      .flatMap(({ blocks }) => controlsOf(withIds(blocks)))
      .some((control) => control.actionId === button || control.label === button),
  );
  const [only] = having;
  if (only === undefined) throw new Error(`no message of ${channel} has ${button}`);
  if (having.length > 1)
    throw new Error(`${having.length} messages of ${channel} have ${button}: name one by ts`);
  return only;
}

function allBlocks(
  message: Message | Ephemeral,
): { blocks: readonly unknown[]; attachment: number | undefined }[] {
  const attachments = 'attachments' in message ? message.attachments : [];
  return [
    { blocks: message.blocks, attachment: undefined },
    ...attachments.map((one, index) => ({
      blocks: isRecord(one) && Array.isArray(one['blocks']) ? one['blocks'] : [],
      attachment: index + 1,
    })),
  ];
}

function inBlocks(
  message: Message | Ephemeral,
  button: string,
  where: string,
): { control: Control; blocks: readonly unknown[]; attachment: number | undefined } {
  const lists = allBlocks(message).map((one) => ({ ...one, blocks: withIds(one.blocks) }));
  const list = lists.find(({ blocks }) =>
    controlsOf(blocks).some((control) => control.actionId === button || control.label === button),
  );
  const control = findControl(list?.blocks ?? lists.flatMap(({ blocks }) => blocks), button, where);
  return { control, blocks: list?.blocks ?? [], attachment: list?.attachment };
}

/** Who acts where, for the payload. */
export function originOf(
  slack: Workspace,
  app: SlackApp,
  options: Pick<ClickOptions, 'by' | 'actor' | 'org'>,
  triggerId: string,
): Origin {
  const user = slack.users.find((one) => one.id === options.by);
  if (user === undefined && options.actor === undefined)
    throw new Error(`fake Slack has no user ${options.by}`);
  return {
    app,
    team: options.org === true ? null : { id: teamId, domain: teamDomain },
    enterprise: options.org === true ? enterprise : null,
    actor: {
      id: options.by,
      username: options.actor?.username ?? user?.name ?? options.by,
      team_id: options.actor?.team_id ?? user?.team ?? teamId,
    },
    triggerId,
  };
}

/** A channel as payloads name it. */
export function named(channel: Channel): { id: string; name: string } {
  const name = { public: channel.name, private: 'privategroup', im: 'directmessage' }[channel.kind];
  return { id: channel.id, name };
}

function shown(slack: Workspace, message: Message): Record<string, unknown> {
  const rendered = renderMessage(slack, message);
  return message.blocks.length === 0 ? rendered : { ...rendered, blocks: withIds(message.blocks) };
}

function actionTs(slack: Workspace): string {
  const ms = slack.now();
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`;
}

function dialogOf({ element }: Control): ConfirmDialog | undefined {
  const { confirm } = element;
  if (!isRecord(confirm)) return undefined;
  const text = (name: string, otherwise: string) => {
    const value = confirm[name];
    return isRecord(value) && typeof value['text'] === 'string' ? value['text'] : otherwise;
  };
  return {
    title: text('title', ''),
    text: text('text', ''),
    confirm: text('confirm', 'Yes'),
    deny: text('deny', 'No'),
  };
}
