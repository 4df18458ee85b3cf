import { useEffect, useState } from 'react';
import type { WorkspaceView } from '../workspace/model.ts';

/** The newest view of a channel (null: the first one), read again whenever the workspace says that something changed. */
export function useView(channel: string | null): { readonly view?: WorkspaceView; readonly lost: boolean } {
  const [view, setView] = useState<WorkspaceView>();
  const [lost, setLost] = useState(false);

  useEffect(() => {
    const changes = new EventSource('/changes');
    let newest = 0;
    const read = async () => {
      const mine = (newest += 1);
      const answer = await readView(channel).catch(() => undefined);
      if (mine !== newest) return;
      setLost(answer === undefined);
      if (answer) setView(answer);
    };
    // `open` comes first, and again after each reconnection.
    changes.addEventListener('open', () => void read());
    changes.addEventListener('message', () => void read());
    changes.addEventListener('error', () => setLost(true));
    return () => changes.close();
  }, [channel]);

  return view ? { view, lost } : { lost };
}

async function readView(channel: string | null): Promise<WorkspaceView> {
  const answer = await fetch(
    channel === null ? '/view.json' : `/view.json?channel=${encodeURIComponent(channel)}`,
  );
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
