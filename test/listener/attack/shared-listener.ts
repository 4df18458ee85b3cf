import { afterAll, beforeAll } from 'vitest';
import { withListenerProcess } from '../../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../../support/listener-process.ts';
import { doorOf } from './door.ts';
import type { Door } from './door.ts';

export interface Attacked {
  readonly listener: ListenerProcess;
  readonly door: Door;
}

/** One listener for all tests of a file: what one attack does must not help or harm the next. Call it at the top of the file. */
export function sharedListener(setup: ListenerSetup): () => Attacked {
  let running: Attacked | undefined;
  let end: () => void = () => undefined;
  let ended: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    await new Promise<void>((started, failed) => {
      ended = withListenerProcess(setup, (listener) => {
        running = { listener, door: doorOf(listener, listener.slack) };
        started();
        return new Promise<void>((resolve) => (end = resolve));
      });
      ended.catch(failed);
    });
  });
  afterAll(async () => {
    end();
    await ended;
  });
  return () => {
    if (running === undefined) throw new Error('the listener does not run');
    return running;
  };
}
