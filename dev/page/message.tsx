import { useEffect, useRef } from 'react';
import type { MessageView } from '../workspace/model.ts';
import { Blocks } from './blocks.tsx';
import { File } from './file.tsx';
import { SlackText } from './slack-text.tsx';

/** Whose page it is, and of which channel. */
export interface Reader {
  readonly as: string;
  readonly channel: string;
  readonly names: Readonly<Record<string, string>>;
}

interface MessageProps {
  readonly message: MessageView;
  readonly reader: Reader;
}

/** One message: author, time, what it says, its files, its reactions. Text beside blocks is for notifications and not shown. */
export function Message({ message, reader }: MessageProps) {
  const { author, ts, blocks, text, onlyForMe } = message;
  const article = useRef<HTMLElement>(null);
  // It answers what the person has just done, and must be seen.
  useEffect(() => {
    if (onlyForMe) article.current?.scrollIntoView({ block: 'nearest' });
  }, [onlyForMe]);
  const place = { as: reader.as, channel: reader.channel, ts };
  return (
    <article
      ref={article}
      className={onlyForMe ? 'message ephemeral' : 'message'}
      id={`m${ts}`}
      tabIndex={-1}
      aria-label={`Message of ${author}${onlyForMe ? ', only visible to you' : ''}`}
    >
      <span className="avatar" aria-hidden="true">
        {author.slice(0, 1)}
      </span>
      <div className="content">
        {onlyForMe && <p className="note">Only visible to you</p>}
        <p className="byline">
          <b>{author}</b>
          {message.isApp && <span className="badge">App</span>}
          <Time ts={ts} />
          {message.broadcast && <span className="note">also sent to the channel</span>}
        </p>
        {blocks.length > 0 ? <Blocks blocks={blocks} names={reader.names} place={place} /> : null}
        {blocks.length === 0 && text && <SlackText type="mrkdwn" text={text} names={reader.names} />}
        {message.edited && <span className="note">(edited)</span>}
        {message.files.map((file) => (
          <File key={file.url} file={file} />
        ))}
        <Reactions reactions={message.reactions} />
      </div>
    </article>
  );
}

function Time({ ts }: { readonly ts: string }) {
  const when = new Date(Number(ts) * 1000);
  const today = when.toDateString() === new Date().toDateString();
  const text = when.toLocaleString(
    'en',
    today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' },
  );
  return (
    <a className="note" href={`#m${ts}`}>
      <time dateTime={when.toISOString()}>{text}</time>
    </a>
  );
}

function Reactions({ reactions }: { readonly reactions: MessageView['reactions'] }) {
  if (reactions.length === 0) return null;
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map(({ name, count }) => (
        <li key={name} title={name}>
          <SlackText type="plain_text" text={`:${name}: ${count}`} />
        </li>
      ))}
    </ul>
  );
}
