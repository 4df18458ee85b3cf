import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/kit/redact.ts';

function redact(text: string, ...secrets: readonly string[]): string {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor.redact(text);
}

test('stars out a secret as it is, URL-encoded, and inside JSON', () => {
  const secret = 'a/b+c "d"\\e';
  const text = [secret, encodeURIComponent(secret), JSON.stringify({ secret })].join(' | ');
  expect(redact(text, secret)).toBe('*** | *** | {"secret":"***"}');
});

test('stars out the whole of the longer secret where one holds another', () => {
  expect(redact('token-1-and-more, token-1', 'token-1', 'token-1-and-more')).toBe('***, ***');
});

test('leaves short values alone: they would star out ordinary words', () => {
  expect(redact('a put of main', 'main', 'a', '')).toBe('a put of main');
});

test.for([
  [
    'https://s3.test/a?X-Amz-Expires=60&X-Amz-Signature=0f3a&x=1',
    'https://s3.test/a?X-Amz-Expires=60&X-Amz-Signature=***&x=1',
  ],
  [
    'X-Amz-Credential=AKIA%2F20250101&X-Amz-Security-Token=Fwo%2BG',
    'X-Amz-Credential=***&X-Amz-Security-Token=***',
  ],
  ['"url":"https://a/?x-amz-signature=0f3a"', '"url":"https://a/?x-amz-signature=***"'],
  ['token xoxb-1234-abcd, xoxe.xoxp-1-abc, xapp-1-A0', 'token xox-***, xoxe.xox-***, xapp-***'],
  ['authorization: Bearer abc.def-ghi==', 'authorization: Bearer ***'],
  [`"value":"v1.eyJhIjoiZGVwbG95In0.${'Ab0_-'.repeat(8)}xyz"`, '"value":"v1.eyJhIjoiZGVwbG95In0.***"'],
] as const)('knows signatures and tokens by their looks: %s (P28)', ([text, clean]) => {
  expect(redact(text)).toBe(clean);
});

test('leaves no secret in any text, whatever the secrets are', () => {
  const secret = fc.string({ minLength: 6, unit: 'binary' }).filter((text) => /[^*]/.test(text));
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.string({ unit: 'binary' }),
      (secrets, between) => {
        const clean = redact(secrets.join(between), ...secrets);
        for (const one of secrets) expect(clean).not.toContain(one);
      },
    ),
    { numRuns: 500 },
  );
});

test('takes a secret with a broken character in it', () => {
  expect(redact('x \ud800secret y', '\ud800secret')).toBe('x *** y');
});
