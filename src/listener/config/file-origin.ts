import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../../kit/clock.ts';
import { messageOf, systemCode } from '../../kit/fault.ts';
import type { Origin, OriginEvents } from './origin.ts';

const LOOK_EVERY_MS = 1000;
const LARGEST = 64 * 1024;

/**
 * A value in a file, without the line break at its end. Whether the file is another one now, as Kubernetes and Vault agents
 * make it, is looked up at most once a second, when somebody asks for the value. Throws when it cannot be read at first.
 */
export function fileOrigin(path: string, clock: Clock, events: OriginEvents): Origin {
  let mark = markOf(path);
  let value = textOf(path);
  let lookedAt = clock.now();

  const look = (): boolean => {
    lookedAt = clock.now();
    try {
      const found = markOf(path);
      if (found === mark) return false;
      const text = textOf(path);
      // The next look compares with this file, also when its content is refused: one warning a change is enough.
      mark = found;
      if (text === value) return false;
      const wrong = text === '' ? 'is empty' : events.changed(text);
      if (wrong !== undefined) {
        events.stale(wrong);
        return false;
      }
      value = text;
      return true;
    } catch (error) {
      if (mark !== '') events.stale(`cannot be read: ${systemCode(error) ?? messageOf(error)}`);
      mark = '';
      return false;
    }
  };

  return {
    read() {
      if (Math.abs(clock.now() - lookedAt) >= LOOK_EVERY_MS) look();
      return value;
    },
    renew: () => Promise.resolve(look()),
  };
}

function markOf(path: string): string {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
  return [dev, ino, size, mtimeMs, ctimeMs].join();
}

function textOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (text.length > LARGEST) throw new Error(`is longer than ${LARGEST} characters`);
  return text.replace(/\r?\n$/, '');
}
