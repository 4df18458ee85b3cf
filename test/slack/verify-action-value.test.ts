import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import { signedValue } from '../../src/slack/action-value.ts';
import { verifyActionValue } from '../../src/slack/verify-action-value.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY = 86_400_000;
const CHANNEL = 'C0RELEASES1';
const TOKENS = ['old', 'ci-main', 'other'].map((name) => ({
  name,
  hash: createHash('sha256').update(`sensitive-${name}`).digest(),
}));

const sign = (
  token = 'ci-main',
  content = { action: 'k8s_deploy', value: { deployment: 'app' } as unknown, channel: CHANNEL },
) => signedValue(content, new Secret(`sensitive-${token}`), NOW);
const verify = (text: string, place = { channel: CHANNEL as string | undefined, now: NOW }) =>
  verifyActionValue(text, TOKENS, place);
const reason = (text: string, place?: { channel: string | undefined; now: number }) => {
  const verdict = verify(text, place);
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
};
const forged = (payload: unknown, key = TOKENS[1]?.hash ?? '') => {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `v1.${text}.${createHmac('sha256', key).update(`v1.${text}`).digest('base64url')}`;
};

describe('a value that a token signed', () => {
  it('is read back as it was written, with the name of the token', () => {
    expect(verify(sign())).toEqual({
      kind: 'verified',
      token: 'ci-main',
      action: 'k8s_deploy',
      value: { deployment: 'app' },
      channel: CHANNEL,
      nonce: expect.stringMatching(/^[\w-]{16}$/),
      issuedAt: NOW,
      expiresAt: NOW + 7 * DAY,
    });
  });

  it('is read back whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const verdict = verify(sign('ci-main', { action: 'a', value, channel: CHANNEL }));
        if (verdict.kind === 'refused') return expect(JSON.stringify(value).length).toBeGreaterThan(1000);
        expect(JSON.stringify(verdict.value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('says which token, whichever of the list it is', () => {
    for (const { name } of TOKENS) expect(verify(sign(name))).toMatchObject({ token: name });
  });

  it('has a nonce of its own each time', () => {
    expect(sign()).not.toBe(sign());
  });
});

describe('a value', () => {
  it('of another token is foreign', () => {
    expect(reason(sign('stolen'))).toBe('foreign');
    expect(verifyActionValue(sign(), [], { channel: CHANNEL, now: NOW })).toMatchObject({
      reason: 'foreign',
    });
  });

  it('is foreign once any character of it is another', () => {
    const text = sign();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'AZaz09-_.'.split('')), (at, char) => {
        const edited = text.slice(0, at) + char + text.slice(at + 1);
        fc.pre(edited !== text);
        expect(verify(edited).kind).toBe('refused');
      }),
      { numRuns: 1000 },
    );
  });

  it('in a channel it was not posted to does nothing, nor without a channel (S22)', () => {
    expect(reason(sign(), { channel: 'C0OTHER', now: NOW })).toBe('elsewhere');
    expect(reason(sign(), { channel: undefined, now: NOW })).toBe('elsewhere');
  });

  it('ends with its seventh day, and does not begin before it was made', () => {
    expect(reason(sign(), { channel: CHANNEL, now: NOW + 7 * DAY - 1 })).toBe('verified');
    expect(reason(sign(), { channel: CHANNEL, now: NOW + 7 * DAY })).toBe('expired');
    expect(reason(sign(), { channel: CHANNEL, now: NOW - 300_000 })).toBe('verified');
    expect(reason(sign(), { channel: CHANNEL, now: NOW - 300_001 })).toBe('early');
    expect(reason(sign(), { channel: CHANNEL, now: Number.NaN })).not.toBe('verified');
  });

  it.each([
    '',
    'v1',
    'v1..',
    'v2.e30.',
    'v1.e30.short',
    'deploy',
    `v1.${'a'.repeat(2000)}.${'b'.repeat(43)}`,
  ])('%j is none of ours', (text) => expect(reason(text)).toBe('malformed'));

  it.each([
    null,
    [],
    {},
    { a: 'x', c: CHANNEL, n: 'n', i: 1, e: '9999999999' },
    { a: 1, c: CHANNEL, n: 'n', i: 1, e: 9_999_999_999 },
    { a: 'x', c: CHANNEL, n: '', i: 1, e: 9_999_999_999 },
  ])('with the content %j is refused, also rightly signed', (content) =>
    expect(reason(forged(content))).toBe('malformed'),
  );

  it('signed with the token itself, or with nothing, instead of its hash is foreign', () => {
    const content = { a: 'x', v: null, c: CHANNEL, n: 'n', i: NOW / 1000, e: NOW / 1000 + 60 };
    expect(reason(forged(content))).toBe('verified');
    expect(reason(forged(content, Buffer.from('sensitive-ci-main')))).toBe('foreign');
    const empty = [{ name: 'empty', hash: Buffer.alloc(0) }];
    expect(
      verifyActionValue(forged(content, Buffer.alloc(0)), empty, { channel: CHANNEL, now: NOW }),
    ).toMatchObject({
      reason: 'foreign',
    });
  });
});
