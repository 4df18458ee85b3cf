/** What the page shows one person, as `GET /view.json` answers it. */
export interface WorkspaceView {
  readonly workspace: string;
  readonly channels: readonly ChannelView[];
  /** The one whose threads these are. */
  readonly channel: ChannelView;
  readonly threads: readonly ThreadView[];
  /** Names by id of user, bot, user group and channel, for mentions. */
  readonly names: Readonly<Record<string, string>>;
  /** Those who can be acted as. */
  readonly people: readonly PersonView[];
  /** The one who sees all this. */
  readonly me: PersonView;
  /** The topmost modal that is open for that person. */
  readonly modal?: ModalView;
}

export interface ChannelView {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
}

export interface PersonView {
  readonly id: string;
  readonly name: string;
  /** What they are, such as `guest`. */
  readonly note: string;
}

export interface ThreadView {
  readonly message: MessageView;
  readonly replies: readonly MessageView[];
}

export interface MessageView {
  readonly ts: string;
  readonly author: string;
  readonly isApp: boolean;
  readonly edited: boolean;
  /** A reply that was also sent to the channel. */
  readonly broadcast: boolean;
  /** Nobody else sees it. */
  readonly onlyForMe: boolean;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly files: readonly FileView[];
  readonly reactions: readonly { readonly name: string; readonly count: number }[];
}

export interface ModalView {
  readonly id: string;
  readonly title: string;
  /** What the button that sends it says; absent where there is nothing to send. */
  readonly submit?: string;
  readonly close: string;
  readonly blocks: readonly Block[];
}

export interface FileView {
  readonly title: string;
  /** As Slack names it, such as `PDF`. */
  readonly kind: string;
  readonly bytes: number;
  readonly url: string;
  readonly isImage: boolean;
}

/** A Block Kit block. */
export interface Block {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What came of a click or a form, as `POST /click` and `POST /submit` answer it. */
export interface Outcome {
  /** What Slack tells the person because the app did not answer well. */
  readonly warning?: string;
  /** What the app says of the fields of a form, by block id. */
  readonly errors?: Readonly<Record<string, string>>;
}
