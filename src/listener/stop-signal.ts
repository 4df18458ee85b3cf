import type { Program } from './program.ts';

export interface StopSignal {
  /** Aborted by the first SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Aborted by the second: whoever sends it does not want to wait for load balancers. */
  readonly again: AbortSignal;
  /** Resolves at the first. */
  wait(): Promise<void>;
}

/** Listens to the signals that end a process, from now on. */
export function stopSignal(program: Pick<Program, 'on'>): StopSignal {
  const first = new AbortController();
  const second = new AbortController();
  const stop = () => (first.signal.aborted ? second : first).abort(new Error('stopped by a signal'));
  program.on('SIGTERM', stop);
  program.on('SIGINT', stop);
  return {
    signal: first.signal,
    again: second.signal,
    wait: () =>
      new Promise((resolve) => {
        if (first.signal.aborted) resolve();
        first.signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}
