/** What the page shows, as `GET /view.json` answers it: the page's own shapes, made from emulate's answers. */
export interface WorkspaceView {
  readonly workspace: string;
  readonly channels: readonly ChannelView[];
  /** The one whose threads these are. */
  readonly channel: ChannelView;
  readonly threads: readonly ThreadView[];
  /** Names by user id and channel id, for mentions. */
  readonly names: Readonly<Record<string, string>>;
}

export interface ChannelView {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
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
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly files: readonly FileView[];
  readonly reactions: readonly { readonly name: string; readonly count: number }[];
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
