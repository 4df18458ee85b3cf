import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import { verifySignature } from '../../src/slack/signature.ts';
import { signSlack } from '../support/sign-slack.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW = 1_531_420_618_000;
const TIMESTAMP = '1531420618';

interface Change {
  readonly secrets?: readonly string[];
  readonly timestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly body?: Buffer;
  readonly now?: number;
}

/** Verifies a body that was signed well, but for what the change says. */
function verify(change: Change = {}, signWith: { secret?: string; timestamp?: string } = {}) {
  const body = change.body ?? Buffer.from('payload=%7B%7D');
  const headers = signSlack(body, { secret: SECRET, timestamp: TIMESTAMP, ...signWith });
  return verifySignature({
    timestamp: headers['x-slack-request-timestamp'],
    signature: headers['x-slack-signature'],
    body,
    now: NOW,
    ...change,
    secrets: (change.secrets ?? [SECRET]).map((secret) => new Secret(secret)),
  });
}

test("accepts the example of Slack's own page", () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
    '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
    '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
  expect(verify({ body: Buffer.from(body), signature })).toBe('ok');
});

test('signs the bytes as they came, whatever they mean (S13, C28)', () => {
  expect(verify({ body: Buffer.from([0x70, 0xff, 0xfe, 0x00, 0x0a]) })).toBe('ok');
  expect(verify({ body: Buffer.alloc(0) })).toBe('ok');
  const signature = signSlack('{"a":1}', { secret: SECRET, timestamp: TIMESTAMP })['x-slack-signature'];
  expect(verify({ body: Buffer.from('{ "a": 1 }'), signature })).toBe('wrong_signature');
});

describe('the clock', () => {
  test.each([
    ['300 s old', -300, 'ok'],
    ['301 s old', -301, 'stale'],
    ['300 s ahead', 300, 'ok'],
    ['301 s ahead (S13)', 301, 'future'],
    ['a year ahead (S13)', 31_536_000, 'future'],
  ])('a timestamp %s', (_, seconds, result) => {
    const timestamp = String(NOW / 1000 + seconds);
    expect(verify({}, { timestamp })).toBe(result);
  });

  test.each([
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['a fraction', `${TIMESTAMP}.5`],
    ['a sign', `-${TIMESTAMP}`],
    ['plus', `+${TIMESTAMP}`],
    ['hexadecimal', '0x5b47a14a'],
    ['an exponent', '1.531420618e9'],
    ['space', ` ${TIMESTAMP}`],
    ['a line feed', `${TIMESTAMP}\n`],
    ['two headers joined', `${TIMESTAMP}, ${TIMESTAMP}`],
    ['Arabic digits', '١٥٣١٤٢٠٦١٨'],
    ['a thousand digits', '1'.repeat(1000)],
  ])('refuses %s for a timestamp, well signed or not', (_, timestamp) => {
    expect(verify({}, { timestamp })).toBe('bad_timestamp');
  });

  test('refuses a missing and an empty timestamp', () => {
    expect(verify({ timestamp: undefined })).toBe('no_timestamp');
    expect(verify({ timestamp: '' })).toBe('no_timestamp');
  });

  test('refuses everything while the own clock tells no time', () => {
    expect(verify({ now: Number.NaN })).not.toBe('ok');
  });
});

describe('the secrets', () => {
  test.each([
    ['no secret', []],
    ['an empty one (S13)', ['']],
    ['one of spaces', ['  \n']],
  ])('%s refuses what is signed with nothing', (_, secrets) => {
    for (const secret of ['', ...secrets]) expect(verify({ secrets }, { secret })).toBe('no_secret');
  });

  test('an empty one beside a good one opens nothing', () => {
    expect(verify({ secrets: [SECRET, ''] }, { secret: '' })).toBe('wrong_signature');
    expect(verify({ secrets: ['', SECRET] })).toBe('ok');
  });

  test('the old and the new one both count while one is rotated', () => {
    for (const secret of ['old', 'new']) expect(verify({ secrets: ['old', 'new'] }, { secret })).toBe('ok');
    expect(verify({ secrets: ['old', 'new'] }, { secret: 'older' })).toBe('wrong_signature');
  });
});

describe('the signature header', () => {
  const good =
    signSlack('payload=%7B%7D', { secret: SECRET, timestamp: TIMESTAMP })['x-slack-signature'] ?? '';
  test.each([
    ['another version', good.replace('v0=', 'v1=')],
    ['no version', good.slice(3)],
    ['upper case', good.toUpperCase()],
    ['one digit less', good.slice(0, -1)],
    ['one digit more', `${good}0`],
    ['two headers joined', `${good}, ${good}`],
    ['space before it', ` ${good}`],
    ['a line feed after it', `${good}\n`],
  ])('refuses %s', (_, signature) => {
    expect(verify({ signature })).toBe('bad_signature');
  });

  test('refuses none', () => {
    expect(verify({ signature: undefined })).toBe('no_signature');
    expect(verify({ signature: '' })).toBe('no_signature');
  });

  test('refuses each single digit that is wrong', () => {
    for (let at = 3; at < good.length; at++) {
      const digit = good[at] === 'f' ? '0' : 'f';
      expect(verify({ signature: good.slice(0, at) + digit + good.slice(at + 1) })).toBe('wrong_signature');
    }
  });

  test('refuses the signature of another time', () => {
    expect(verify({ timestamp: '1531420617' })).toBe('wrong_signature');
  });
});
