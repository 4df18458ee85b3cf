import { Type } from 'typebox';

/** Answers of emulate's Web API, only the fields that the page uses. */
export const ChannelList = Type.Object({
  channels: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      topic: Type.Object({ value: Type.String() }),
    }),
  ),
});

export const UserList = Type.Object({
  members: Type.Array(
    Type.Object({
      id: Type.String(),
      real_name: Type.String(),
      is_bot: Type.Boolean(),
    }),
  ),
});

const File = Type.Object({
  id: Type.String(),
  name: Type.String(),
  title: Type.String(),
  mimetype: Type.String(),
  pretty_type: Type.String(),
  size: Type.Number(),
});

const Block = Type.Intersect([
  Type.Object({ type: Type.String() }),
  Type.Record(Type.String(), Type.Unknown()),
]);

const Message = Type.Object({
  ts: Type.String(),
  user: Type.String(),
  text: Type.String(),
  username: Type.Optional(Type.String()),
  thread_ts: Type.Optional(Type.String()),
  reply_count: Type.Optional(Type.Number()),
  reply_broadcast: Type.Optional(Type.Boolean()),
  edited: Type.Optional(Type.Unknown()),
  files: Type.Optional(Type.Array(File)),
  blocks: Type.Optional(Type.Array(Block)),
  reactions: Type.Optional(Type.Array(Type.Object({ name: Type.String(), count: Type.Number() }))),
});

export const MessageList = Type.Object({ messages: Type.Array(Message) });

export type User = Type.Static<typeof UserList>['members'][number];
export type File = Type.Static<typeof File>;
export type Message = Type.Static<typeof Message>;
