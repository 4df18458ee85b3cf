import type { WorkspaceView } from '../workspace/model.ts';

/** The list of channels, each a link that keeps who one acts as. */
export function Channels({ view }: { readonly view: WorkspaceView }) {
  const { channels, channel: open, me } = view;
  return (
    <nav aria-label="Channels">
      <strong>{view.workspace}</strong>
      <ul>
        {channels.map(({ id, name }) => (
          <li key={id}>
            <a href={addressOf(name, me.id)} aria-current={id === open.id ? 'page' : undefined}>
              # {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The page of a channel as somebody sees it. */
export function addressOf(channel: string, as: string): string {
  return `/?${new URLSearchParams({ channel, as }).toString()}`;
}
