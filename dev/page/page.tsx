import { useEffect } from 'react';
import type { ChannelView } from '../workspace/model.ts';
import { Thread } from './thread.tsx';
import { useView } from './use-view.ts';

/** The whole page: the channels, and the messages of one of them. */
export function Page({ channel: wanted }: { readonly channel: string | null }) {
  const { view, lost } = useView(wanted);
  const loaded = view !== undefined;
  useEffect(() => {
    if (loaded) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [loaded]);

  if (!view) return <p role="status">{lost ? 'The workspace does not answer.' : 'Loading…'}</p>;
  const { channel, threads, names } = view;
  return (
    <div className="workspace">
      <Channels workspace={view.workspace} channels={view.channels} open={channel} />
      <main aria-labelledby="channel">
        <header>
          <h1 id="channel"># {channel.name}</h1>
          {channel.topic && <p>{channel.topic}</p>}
          {lost && <p role="alert">The workspace has stopped: what follows may be old.</p>}
        </header>
        {threads.length === 0 && (
          <p className="empty">No messages yet. What the pipelines post will appear here.</p>
        )}
        <ol className="messages" aria-label="Messages" aria-live="polite">
          {threads.map((thread) => (
            <Thread key={thread.message.ts} thread={thread} names={names} />
          ))}
        </ol>
      </main>
    </div>
  );
}

interface ChannelsProps {
  readonly workspace: string;
  readonly channels: readonly ChannelView[];
  readonly open: ChannelView;
}

function Channels({ workspace, channels, open }: ChannelsProps) {
  return (
    <nav aria-label="Channels">
      <strong>{workspace}</strong>
      <ul>
        {channels.map(({ id, name }) => (
          <li key={id}>
            <a
              href={`/?channel=${encodeURIComponent(name)}`}
              aria-current={id === open.id ? 'page' : undefined}
            >
              # {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
