import { expect } from 'vitest';
import { ALICE, BOB, CHANNEL } from './door.ts';
import type { Answer } from './door.ts';
import { sharedListener } from './shared-listener.ts';
import type { Attacked } from './shared-listener.ts';

// Whoever holds a token may leave out the resource and its schema, and write any request by hand. They are still held to what
// the operator's configuration says.

const token = (name: string, gates: readonly string[], may = ['open', 'read', 'claim']) => ({
  name,
  token: of(name),
  may,
  gates,
});
const gate = { approvers: [ALICE, BOB], channels: [CHANNEL], unknown_requester: 'allow' };

/** A listener for several teams: each with its token, its gates and what it may do. The tests hold the token of `main`. */
export function teams(): () => Attacked {
  return sharedListener({
    config: {
      tokens: [
        {
          ...token('main', ['release', 'silent', 'double', 'main/*']),
          token: 'sensitive-listener-token-of-pipelines',
        },
        token('twin', ['release']),
        token('other', ['staging']),
        token('reader', ['*'], ['read']),
        token('claimer', ['release'], ['claim']),
        token('nobody', ['release'], ['link']),
      ],
      gates: {
        release: gate,
        double: { ...gate, quorum: 2 },
        silent: { ...gate, on_timeout: 'approve', max_timeout: '1h' },
        staging: gate,
        'main/*': gate,
      },
    },
  });
}

/** The token of another team. */
export function of(name: string): string {
  return `sensitive-listener-token-of-${name}`;
}

/** Expects a plain refusal, which tells nothing of the inside. */
export function refused(answer: Answer, status: number, message: string | RegExp): void {
  expect(answer).toMatchObject({
    status,
    body: { error: { code: expect.any(String), message: expect.stringMatching(message) } },
  });
  expect(answer.text).not.toMatch(/ at .*:\d+:\d+|node_modules|sensitive/);
}
