import type { RequestUrls, SlackApp } from './apps.ts';
import type { Click, ClickOptions, Deliver } from './click.ts';
import { click } from './click.ts';
import type { Command, CommandOptions } from './command.ts';
import { command } from './command.ts';
import type { EventOptions, SentEvent } from './event.ts';
import { sendEvent, verifyUrl } from './event.ts';
import type { Delivery, Tampering } from './interactions/deliver.ts';
import { postNotice } from './interactions/deliver.ts';
import { interactionBody } from './interactions/payloads.ts';
import type { Acknowledgement } from './interactions/post-signed.ts';
import { postSigned } from './interactions/post-signed.ts';
import { appOf, channelOf, messageOf } from './people.ts';
import type { Submission, SubmitOptions } from './submit.ts';
import { closeView, submit } from './submit.ts';
import type { Message, View, Workspace } from './workspace.ts';

/** Something that Slack tells a person when an app does not answer in time, or not well. */
export interface Warning {
  readonly app: string;
  /** `interactive`, `slash_commands` or `events_api`. */
  readonly kind: string;
  readonly warning: string;
}

/** What people do, as the app of their button gets to know it: signed, and acknowledged within three seconds. */
export interface Interactions {
  /** Where Slack posts for an app: one address for everything, or one for each. */
  setRequestUrl(app: string, urls: string | RequestUrls): void;
  /** From now on interactions, commands and events of this app go through its sockets. */
  setSocketMode(app: string, on?: boolean): void;
  click(options: ClickOptions): Promise<Click>;
  /** The message as it is now, to be clicked later as `seen`. */
  look(channel: string, ts: string): Message;
  /** Posts exactly what a click, a form, a command or an event posted, with its old signature. */
  replay(previous: { readonly request: Delivery['request'] }): Promise<Acknowledgement>;
  /** Posts the blocks of a message elsewhere, as the same app or another, and says where the copy is. */
  copyMessage(message: { channel: string; ts: string }, to: string, app?: string): Message;
  /** Copies the message to another channel and clicks the button there. */
  clickCopy(options: ClickOptions & { readonly ts: string }, to: string, app?: string): Promise<Click>;
  submit(view: View, options?: SubmitOptions): Promise<Submission>;
  /** Undefined when the view does not want to be told. */
  closeView(
    view: View,
    options?: Omit<SubmitOptions, 'values'> & { readonly cleared?: boolean },
  ): Promise<Delivery | undefined>;
  command(options: CommandOptions): Promise<Command>;
  event(event: Readonly<Record<string, unknown>>, options?: EventOptions): Promise<SentEvent>;
  verifyUrl(challenge: string, options?: EventOptions): Promise<Delivery>;
  /** Posts any bytes; signed for the app unless the options say otherwise. */
  rawInteraction(options: RawInteraction): Promise<Delivery>;
  /** What people were warned of, oldest first. */
  readonly warnings: readonly Warning[];
}

export interface RawInteraction extends Tampering {
  readonly body?: Buffer | string;
  /** Posted as the form field `payload` when there is no `body`: a `shortcut`, a `message_action`, anything. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Default: the listener's app. */
  readonly app?: string;
}

/** Interactions over a workspace; `bySocket` delivers for apps in Socket Mode. */
export function interactions(slack: Workspace, bySocket: Deliver): Interactions {
  const warnings: Warning[] = [];
  const limits = () => ({ now: slack.now(), ackWithinMs: slack.options.ackWithinMs ?? 3000 });
  const deliver: Deliver = async (app, notice, tampering) => {
    const delivery = app.socketMode
      ? await bySocket(app, notice, tampering)
      : await postNotice(app, notice, { ...tampering, ...limits() });
    const { warning } = delivery;
    if (warning !== undefined) warnings.push({ app: app.id, kind: notice.kind, warning });
    return delivery;
  };
  const copyMessage = (original: { channel: string; ts: string }, to: string, app?: string) =>
    copy(slack, messageOf(slack, original.channel, original.ts), to, app);
  return {
    setRequestUrl(app, urls) {
      const all = (url: string) => ({ interactions: url, commands: url, events: url });
      appOf(slack, app).urls = typeof urls === 'string' ? all(urls) : urls;
    },
    setSocketMode(app, on = true) {
      appOf(slack, app).socketMode = on;
    },
    click: (options) => click(slack, options, deliver),
    look: (channel, ts) => structuredClone(messageOf(slack, channel, ts)),
    replay(previous) {
      if (previous.request === undefined) throw new Error('nothing was posted that could be posted again');
      return postSigned(previous.request, limits().ackWithinMs);
    },
    copyMessage,
    clickCopy(options, to, app) {
      const message = copyMessage({ channel: options.channel ?? '', ts: options.ts }, to, app);
      return click(slack, { ...options, channel: message.channel, ts: message.ts }, deliver);
    },
    submit: (view, options = {}) => submit(slack, view, options, deliver),
    closeView: (view, options = {}) => closeView(slack, view, options, deliver),
    command: (options) => command(slack, options, deliver),
    event: (event, options = {}) => sendEvent(slack, event, options, deliver),
    verifyUrl: (challenge, options = {}) => verifyUrl(slack, challenge, options, deliver),
    rawInteraction({ payload = {}, body = interactionBody(payload), app = 'listener', ...tampering }) {
      const notice = { kind: 'interactive', payload, body: Buffer.from(body) } as const;
      return postNotice(appOf(slack, app), notice, { ...tampering, ...limits() });
    },
    warnings,
  };
}

function copy(slack: Workspace, original: Message, to: string, app: string | undefined): Message {
  const by: SlackApp = appOf(slack, app ?? original.app ?? '');
  const message = {
    ...structuredClone(original),
    channel: channelOf(slack, to).id,
    ts: slack.nextTs(),
    user: by.botUser,
    app: by.id,
  };
  slack.messages.push(message);
  return message;
}
