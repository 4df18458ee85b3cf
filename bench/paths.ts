import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from './measure.ts';

/** Where the repository lies. */
export const ROOT = join(import.meta.dirname, '..');

/** Starting Node and ending it: what every step pays, whatever it does. */
export const BARE_NODE: Program = { command: process.execPath, args: ['-e', '0'] };

/** The Bolt app that clicks are sent to instead. */
export const BOLT = fileURLToPath(import.meta.resolve('./peers/bolt.mjs'));

/** A step through its door, as Concourse starts it. */
export function door(step: 'check' | 'out', request: unknown): Program {
  return { command: join(ROOT, 'assets', step), args: ['/'], stdin: JSON.stringify(request) };
}

/** A step without the `sh` of its door. */
export function bundle(step: 'check' | 'out', request: unknown): Program {
  const args = [join(ROOT, 'dist', `${step}.js`), '/'];
  return { command: process.execPath, args, stdin: JSON.stringify(request) };
}
