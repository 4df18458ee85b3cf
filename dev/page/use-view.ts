import { useEffect, useState } from 'react';
import type { WorkspaceView } from '../workspace/model.ts';

/**
 * The newest view of a channel as somebody sees it (null: the first of each), read again whenever the workspace says that
 * something changed.
 */
export function useView(
  channel: string | null,
  as: string | null,
): { readonly view?: WorkspaceView; readonly lost: boolean } {
  const [view, setView] = useState<WorkspaceView>();
  const [lost, setLost] = useState(false);

  useEffect(() => {
    const changes = new EventSource('/changes');
    let newest = 0;
    const read = async () => {
      const mine = (newest += 1);
      const answer = await readView({ channel, as }).catch(() => undefined);
      if (mine !== newest) return;
      setLost(answer === undefined);
      if (answer) setView(answer);
    };
    // `open` comes first, and again after each reconnection.
    changes.addEventListener('open', () => void read());
    changes.addEventListener('message', () => void read());
    changes.addEventListener('error', () => setLost(true));
    return () => changes.close();
  }, [channel, as]);

  return view ? { view, lost } : { lost };
}

async function readView(wanted: Readonly<Record<string, string | null>>): Promise<WorkspaceView> {
  const query = Object.entries(wanted).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const answer = await fetch(`/view.json?${new URLSearchParams(query).toString()}`);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
