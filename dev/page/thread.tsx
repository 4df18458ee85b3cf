import type { ThreadView } from '../workspace/model.ts';
import { Message } from './message.tsx';
import type { Reader } from './message.tsx';

interface ThreadProps {
  readonly thread: ThreadView;
  readonly reader: Reader;
}

/** A message with the replies under it. */
export function Thread({ thread: { message, replies }, reader }: ThreadProps) {
  return (
    <li>
      <Message message={message} reader={reader} />
      {replies.length > 0 && (
        <section className="thread" aria-label="Thread">
          <p className="note">{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</p>
          <ol>
            {replies.map((reply) => (
              <li key={reply.ts}>
                <Message message={reply} reader={reader} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </li>
  );
}
