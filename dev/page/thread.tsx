import type { ThreadView } from '../workspace/model.ts';
import { Message } from './message.tsx';

interface ThreadProps {
  readonly thread: ThreadView;
  readonly names: Readonly<Record<string, string>>;
}

/** A message with the replies under it. */
export function Thread({ thread: { message, replies }, names }: ThreadProps) {
  return (
    <li>
      <Message message={message} names={names} />
      {replies.length > 0 && (
        <section className="thread" aria-label="Thread">
          <p className="note">{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</p>
          <ol>
            {replies.map((reply) => (
              <li key={reply.ts}>
                <Message message={reply} names={names} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </li>
  );
}
