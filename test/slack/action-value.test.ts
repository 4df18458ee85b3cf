import { createHash, createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import { signedValue } from '../../src/slack/action-value.ts';

const TOKEN = 'sensitive-listener-token';
const CONTENT = { action: 'k8s_deploy', value: { deployment: 'app' }, channel: 'C0RELEASES1' };
const NOW = Date.UTC(2026, 10, 21, 12);

/** Verifies as the listener does, which keeps no more of the token than its hash. */
function verified(value: string, tokenHash: Buffer): unknown {
  const [version, payload = '', mac] = value.split('.');
  const expected = createHmac('sha256', tokenHash).update(`${version}.${payload}`).digest('base64url');
  return version === 'v1' && mac === expected
    ? JSON.parse(Buffer.from(payload, 'base64url').toString())
    : undefined;
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();
const sign = () => signedValue(CONTENT, new Secret(TOKEN), NOW);

it('verifies with the SHA-256 of the token, and carries action, value, channel, nonce and its end', () => {
  expect(verified(sign(), hashOf(TOKEN))).toEqual({
    a: 'k8s_deploy',
    v: { deployment: 'app' },
    c: 'C0RELEASES1',
    n: expect.stringMatching(/^[\w-]{16}$/),
    i: NOW / 1000,
    e: NOW / 1000 + 7 * 86_400,
  });
});

it('fails with another token, and never holds the token itself', () => {
  expect(verified(sign(), hashOf('another-token'))).toBeUndefined();
  expect(Buffer.from(sign(), 'base64url').toString() + sign()).not.toContain(TOKEN);
});

it.each(['k8s_deploy', 'C0RELEASES1', '"deployment":"app"'])('fails when %s in it is edited', (part) => {
  const [version, payload = '', mac] = sign().split('.');
  const text = Buffer.from(payload, 'base64url').toString();
  const edited = Buffer.from(text.replace(part, part.replace(/\w/, 'X'))).toString('base64url');
  expect(edited).not.toBe(payload);
  expect(verified([version, edited, mac].join('.'), hashOf(TOKEN))).toBeUndefined();
});

it('differs each time, so that one click is not the replay of another', () => {
  expect(sign()).not.toBe(sign());
});
