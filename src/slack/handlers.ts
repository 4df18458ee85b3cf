import type { Once } from '../kit/once.ts';
import type { Command } from './command.ts';
import type { EventCallback, FunctionExecuted } from './event.ts';
import type {
  Click,
  Closing,
  KnownInteraction,
  MessageShortcut,
  Shortcut,
  Submission,
} from './interaction.ts';

/** The listener's own app, or the app whose token pipelines hold. */
export type AppName = 'own' | 'pipeline';

/** What comes with a request beside what Slack says in it. */
export interface Delivery {
  /** Milliseconds since the epoch: when it arrived, whenever it is handled. */
  readonly receivedAt: number;
  readonly app: AppName;
  readonly via: 'http' | 'socket';
  /** Tells the person, and nobody else, in the background; where Slack gave no response URL it is only counted. */
  readonly tell: (text: string) => void;
  /** For a handler that `remembers`: goes with the change it saves. */
  readonly once: Once;
}

/** How a handler is called. */
export interface HandlerOptions {
  /** From which app it takes anything; by default from the listener's own. */
  readonly apps?: readonly AppName[];
  /**
   * It saves `delivery.once` with its change, and does nothing else that lasts: one write, where remembering the request
   * before its handler is called would be another.
   */
  readonly remembers?: boolean;
}

/** What is answered to Slack; without a body just that it arrived. */
export interface Ack {
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** Resolves when the decision is saved, not before: the answer is the person's receipt (S15). Must be safe to repeat. */
export type Handler<T> = (request: T, delivery: Delivery) => Promise<Ack | undefined>;

export interface FunctionCall extends Pick<EventCallback, 'eventId' | 'teamId'> {
  readonly step: FunctionExecuted;
}

export interface Registration {
  /** For ids that begin with the prefix; the longest one wins. */
  onAction(prefix: string, handler: Handler<Click>, options?: HandlerOptions): void;
  onViewSubmission(prefix: string, handler: Handler<Submission>, options?: HandlerOptions): void;
  onViewClosed(prefix: string, handler: Handler<Closing>): void;
  onShortcut(prefix: string, handler: Handler<Shortcut | MessageShortcut>): void;
  /** The command with its slash. */
  onCommand(command: string, handler: Handler<Command>): void;
  /** A workflow's step of this callback id. Slack repeats events that fail; a repetition has the same ids. */
  onFunction(callbackId: string, handler: Handler<FunctionCall>): void;
}

/** A handler that was found, with its request. */
export interface Found {
  /** The prefix it was registered with: a name for metrics that nobody outside can choose. */
  readonly name: string;
  readonly remembers: boolean;
  readonly run: (delivery: Delivery) => Promise<Ack | undefined>;
}

export interface Handlers extends Registration {
  /** `not_from_there`: there is a handler, but it takes nothing from this app. */
  find(
    request: KnownInteraction | Command | FunctionCall,
    app: AppName,
  ): Found | 'not_from_there' | undefined;
}

/** The table of who handles what; registering the same prefix twice is a bug and throws. */
export function createHandlers(): Handlers {
  const actions = table<Click>();
  const submissions = table<Submission>();
  const closings = table<Closing>();
  const shortcuts = table<Shortcut | MessageShortcut>();
  const commands = table<Command>();
  const functions = table<FunctionCall>();
  return {
    onAction: actions.add,
    onViewSubmission: submissions.add,
    onViewClosed: closings.add,
    onShortcut: shortcuts.add,
    onCommand: commands.add,
    onFunction: functions.add,
    find(request, app) {
      if ('step' in request && !('type' in request))
        return functions.exact(request.step.callbackId, request, app);
      switch (request.type) {
        case 'block_actions':
          return actions.longest(request.actionId, request, app);
        case 'view_submission':
          return submissions.longest(request.view.callbackId, request, app);
        case 'view_closed':
          return closings.longest(request.view.callbackId, request, app);
        case 'shortcut':
        case 'message_action':
          return shortcuts.longest(request.callbackId, request, app);
        case 'command':
          return commands.exact(request.command, request, app);
        case 'block_suggestion':
          return undefined;
        default:
          return request satisfies never;
      }
    },
  };
}

interface Entry<T> {
  readonly key: string;
  readonly handler: Handler<T>;
  readonly options: HandlerOptions;
}

interface Table<T> {
  readonly add: (key: string, handler: Handler<T>, options?: HandlerOptions) => void;
  readonly longest: (id: string, request: T, app: AppName) => Found | 'not_from_there' | undefined;
  readonly exact: (id: string, request: T, app: AppName) => Found | 'not_from_there' | undefined;
}

function table<T>(): Table<T> {
  const entries: Entry<T>[] = [];
  const found = (entry: Entry<T> | undefined, request: T, app: AppName) => {
    if (entry === undefined) return undefined;
    const { apps = ['own'], remembers = false } = entry.options;
    if (!apps.includes(app)) return 'not_from_there';
    return { name: entry.key, remembers, run: (delivery: Delivery) => entry.handler(request, delivery) };
  };
  return {
    add(key, handler, options = {}) {
      if (key === '' || entries.some((entry) => entry.key === key))
        throw new Error(`a handler for "${key}" is registered twice, or for everything`);
      entries.push({ key, handler, options });
      entries.sort((a, b) => b.key.length - a.key.length);
    },
    longest: (id, request, app) =>
      found(
        entries.find((entry) => id.startsWith(entry.key)),
        request,
        app,
      ),
    exact: (id, request, app) =>
      found(
        entries.find((entry) => entry.key === id),
        request,
        app,
      ),
  };
}
