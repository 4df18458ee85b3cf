import { useEffect, useState } from 'react';
import { addressOf, Channels } from './channels.tsx';
import { Modal } from './modal.tsx';
import { PersonPicker } from './person-picker.tsx';
import { Thread } from './thread.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useView } from './use-view.ts';

interface PageProps {
  /** Name or id; null: the first one. */
  readonly channel: string | null;
  /** Who looks, by name or id; null: the first one. */
  readonly as: string | null;
}

/** The whole page: the channels, and the messages of one of them as somebody sees them. */
export function Page({ channel: wanted, as: first }: PageProps) {
  const [as, setAs] = useState(first);
  const { view, lost } = useView(wanted, as);
  const loaded = view !== undefined;
  useEffect(() => {
    if (loaded) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [loaded]);
  const keepFocus = useKeptFocus(view);

  if (!view) return <p role="status">{lost ? 'The workspace does not answer.' : 'Loading…'}</p>;
  const { channel, threads, names, people, me, modal } = view;
  const reader = { as: me.id, channel: channel.id, names };
  const pick = (id: string) => {
    setAs(id);
    history.replaceState(null, '', addressOf(channel.name, id));
  };
  return (
    <div className="workspace">
      <Channels view={view} />
      <main aria-labelledby="channel">
        <header>
          <h1 id="channel"># {channel.name}</h1>
          {channel.topic && <p>{channel.topic}</p>}
          <PersonPicker people={people} me={me} onPick={pick} />
          {lost && <p role="alert">The workspace has stopped: what follows may be old.</p>}
        </header>
        {threads.length === 0 && (
          <p className="empty">No messages yet. What the pipelines post will appear here.</p>
        )}
        <ol className="messages" aria-label="Messages" aria-live="polite" onFocus={keepFocus}>
          {threads.map((thread) => (
            <Thread key={thread.message.ts} thread={thread} reader={reader} />
          ))}
        </ol>
      </main>
      {modal && <Modal key={`${modal.id} ${me.id}`} modal={modal} as={me.id} names={names} />}
    </div>
  );
}
