import { describe, expect, test } from 'vitest';
import { signatureOf } from '../../fakes/slack/interactions/post-signed.ts';
import type { RawInteraction } from '../../fakes/slack/interact.ts';
import { rawRequest } from '../raw-request.ts';
import { ALICE, BOB, CHANNEL, press, shows } from './door.ts';
import { sharedListener } from './shared-listener.ts';

// What is posted to Slack's addresses by somebody who is not Slack, or clicked by somebody who may not: against the process.

const config: Record<string, unknown> = {};
const attacked = sharedListener({ config });

/** A click on Approve as Slack would post it; never posted by itself. */
async function approval() {
  const { door, listener } = attacked();
  const { id, card } = await door.ask();
  const clicked = await press(listener.slack, card, 'Approve', { confirm: false });
  return { id, card, payload: clicked.payload };
}

/** Refused in a plain line, without an effect. */
async function refusedRaw(options: RawInteraction, status: number, line: string): Promise<void> {
  const { door, listener } = attacked();
  const { id, payload } = await approval();
  const answer = await listener.slack.rawInteraction({ payload, ...options });
  expect([answer.status, answer.body]).toEqual([status, `${line}\n`]);
  expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
}

const seconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;

describe('a click that does not come from Slack is refused (C28, S13, A9):', () => {
  test.each<[string, RawInteraction, number, string]>([
    ['stale', { timestamp: seconds(-302) }, 401, 'the timestamp is more than five minutes old'],
    ['from the future', { timestamp: seconds(3600) }, 401, 'the timestamp is more than five minutes ahead'],
    ['signed with a guess', { secret: 'guess' }, 401, 'the signature does not fit the body'],
    ['signed with nothing', { secret: '' }, 401, 'the signature does not fit the body'],
    [
      'signed with the secret of the pipelines’ app',
      { secret: 'sensitive-signing-secret-of-pipelines' },
      401,
      'the signature does not fit the body',
    ],
    [
      'without a signature',
      { headers: { 'x-slack-signature': '' } },
      401,
      'the header x-slack-signature is missing',
    ],
    [
      'without a time',
      { headers: { 'x-slack-request-timestamp': '' } },
      401,
      'the header x-slack-request-timestamp is missing',
    ],
    [
      'with a signature of another version',
      { signature: `v1=${'0'.repeat(64)}` },
      401,
      'the header x-slack-signature has another form than v0',
    ],
    [
      'of another type',
      { headers: { 'content-type': 'application/json' } },
      415,
      'the content type is not the one that Slack uses here',
    ],
  ])('%s', (_what, options, status, line) => refusedRaw(options, status, line));

  test('changed by one letter after it was signed', async () => {
    const { id, payload } = await approval();
    const { slack } = attacked().listener;
    const body = Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
    const timestamp = String(seconds(0));
    const signature = signatureOf(slack.apps.listener.signingSecret, timestamp, body);
    const changed = body.toString().replace('ALICE', 'ALICF');
    const answer = await slack.rawInteraction({ body: changed, timestamp, signature });
    expect([answer.status, answer.body]).toEqual([401, 'the signature does not fit the body\n']);
    expect(await attacked().door.view(id)).toMatchObject({ votes: 0 });
  });

  test('posted twice: the second time it does nothing, also after a restart (S26)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const { id, card } = await door.ask({ quorum: 2 });
    const clicked = await press(slack, card, 'Approve');
    await expect.poll(() => door.view(id)).toMatchObject({ votes: 1 });
    await press(slack, card, 'Deny', { confirm: false });
    for (const again of ['at once', 'after a restart']) {
      if (again !== 'at once') {
        await listener.stop('SIGKILL');
        await listener.start();
      }
      const answer = await slack.replay(clicked);
      expect([again, answer.status, answer.body]).toEqual([again, 409, 'this request came before\n']);
      expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 1 });
    }
  });
});

describe('a body that Slack would never sign is refused, well signed as it is:', () => {
  const form = (payload: string) => `payload=${encodeURIComponent(payload)}`;

  test.each<[string, string | Buffer, number, string]>([
    ['nothing', '', 400, 'the form has no payload'],
    ['bytes that are no UTF-8', Buffer.from([0x70, 0x3d, 0xff, 0xfe]), 400, 'the body is not UTF-8'],
    ['an encoding cut off', 'payload=%7', 400, 'the form is not well encoded'],
    ['two payloads', `${form('{}')}&${form('{}')}`, 400, 'a field of the form comes twice'],
    [
      'a probe with a payload (S14)',
      `ssl_check=1&${form('{}')}`,
      400,
      'ssl_check stands beside other fields',
    ],
    ['half of a JSON', form('{"type":'), 400, 'the payload is not JSON'],
    ['a list', form('[]'), 400, 'the payload is not an object'],
    [
      'brackets without an end',
      form(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      400,
      'the payload is nested too deep',
    ],
    [
      'a prototype',
      form('{"type":"block_actions","__proto__":{"a":1}}'),
      400,
      'the payload has a key that is not taken',
    ],
    [
      'a click without a person',
      form('{"type":"block_actions","actions":[]}'),
      400,
      'the payload lacks what its type needs',
    ],
  ])('%s', async (_what, body, status, line) => {
    const answer = await attacked().listener.slack.rawInteraction({ body });
    expect([answer.status, answer.body]).toEqual([status, `${line}\n`]);
  });

  test('one that is too long, by its length alone', async () => {
    const { url } = attacked().listener;
    const head =
      'POST /slack/interactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n';
    const { status, text } = await rawRequest(
      url,
      `${head}content-length: 1048577\r\nconnection: close\r\n\r\n`,
    );
    expect(status).toBe(413);
    expect(text).toContain('the body is too long');
  });

  test.each([
    ['two lengths', 'content-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
    ['a length and pieces', 'content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a line that is no header', 'no header at all\r\n\r\n'],
    ['headers without an end', `x: ${'y'.repeat(20_000)}\r\n\r\n`],
  ])('%s', async (_what, rest) => {
    const { status, text } = await rawRequest(
      attacked().listener.url,
      `POST /slack/interactions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${rest}`,
    );
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/ at .*:\d+:\d+|node_modules/);
  });

  test('1,000 bodies at random, over the wire: each a 4xx in a plain line, and the listener is as well as before', async () => {
    const { listener, door } = attacked();
    const { id, payload } = await approval();
    const silent = { ...payload, response_url: undefined };
    const sample = Buffer.from(new URLSearchParams({ payload: JSON.stringify(silent) }).toString());
    const random = generator(20_260_102);
    const wrong: unknown[] = [];
    const one = async () => {
      const body = Buffer.from(sample);
      for (let count = 1 + (random() % 4); count > 0; count--) body[random() % body.length] = random() % 256;
      const signed = random() % 2 === 0;
      const answer = await listener.slack.rawInteraction({ body, ...(!signed && { secret: 'guess' }) });
      const isRefusal = /^[\w ,.-]+\n$/.test(answer.body) && (answer.status ?? 500) < 500;
      if (!isRefusal && answer.status !== 200) wrong.push([answer.status, answer.body, answer.warning]);
    };
    for (let round = 0; round < 50; round++) await Promise.all(Array.from({ length: 20 }, one));
    expect(wrong).toEqual([]);
    expect((await fetch(`${listener.url}/health`)).status).toBe(200);
    expect((await fetch(`${listener.url}/ready`)).status).toBe(200);
    expect(['requested', 'approved']).toContain((await door.view(id))['status']);
  });
});

describe('a button', () => {
  const vote = { status: 'requested', votes: 0 };

  test('whose value was stolen from another card does nothing on this one (S21, S22, A6)', async () => {
    const { door, listener } = attacked();
    const [own, other] = [await door.ask(), await door.ask()];
    const value = valueOf(other.card.blocks);
    const clicked = await press(listener.slack, own.card, 'Approve', { value });
    expect(clicked.status).toBe(200);
    await listener.slack.when(() => /copy, or an older card/.test(clicked.ephemerals.at(-1)?.text ?? ''));
    for (const { id } of [own, other]) expect(await door.view(id)).toMatchObject(vote);
  });

  test.each<[string, (value: string) => string]>([
    ['without its nonce', (value) => value.split('.')[0] ?? ''],
    ['with an empty nonce', (value) => `${value.split('.')[0]}.`],
    ['with a nonce cut short', (value) => value.slice(0, -1)],
    ['with more after its nonce', (value) => `${value}.x`],
    ['with a nonce of its own', (value) => `${value.split('.')[0]}.AAAAAAAAAAAA`],
    ['with a path', (value) => `../approval/${value}`],
    ['with the id in capitals', (value) => value.toUpperCase()],
    ['of nothing', () => ''],
    ['of an object', () => '[object Object]'],
  ])('whose value was edited, %s, does nothing', async (_what, edit) => {
    const { door, listener } = attacked();
    const { id, card } = await door.ask();
    const value = edit(valueOf(card.blocks));
    const clicked = await press(listener.slack, card, 'Approve', {
      change: (payload) => JSON.parse(JSON.stringify(payload).replaceAll(valueOf(card.blocks), value)),
    });
    expect(clicked.status).toBe(200);
    expect(await door.view(id)).toMatchObject(vote);
  });

  test('on a copy of the card in another channel, or in another message of its own, does nothing (S22)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const { id, card } = await door.ask();
    for (const to of ['C0PUBLIC001', CHANNEL]) {
      const clicked = await slack.clickCopy(
        { channel: card.channel, ts: card.ts, button: 'Approve', by: ALICE },
        to,
      );
      expect(clicked.status).toBe(200);
      await slack.when(() => /copy, or an older card/.test(clicked.ephemerals.at(-1)?.text ?? ''));
    }
    expect(await door.view(id)).toMatchObject(vote);
  });

  test('that the pipelines’ app has copied, with its own secret known to the listener, decides nothing (S22)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const { token, signingSecret } = slack.apps.listener;
    const { id: app_id, signingSecret: theirs } = slack.apps.pipelines;
    config['slack'] = {
      bot_token: token,
      signing_secret: signingSecret,
      api_url: slack.apiUrl,
      pipeline_app: { app_id, signing_secret: theirs },
    };
    await listener.stop();
    await listener.start();
    slack.setRequestUrl(app_id, `${listener.url}/slack/interactions`);
    const { id, card } = await door.ask();
    const clicked = await slack.clickCopy(
      { channel: card.channel, ts: card.ts, button: 'Approve', by: ALICE },
      CHANNEL,
      app_id,
    );
    expect(clicked.status).toBe(200);
    await slack.when(() => /not on a message of the app/.test(clicked.ephemerals.at(-1)?.text ?? ''));
    // The pipelines' secret signs no click of the listener's app either.
    const { payload } = await press(slack, card, 'Approve', { confirm: false });
    const forged = await slack.rawInteraction({ payload, secret: theirs });
    expect([forged.status, forged.body]).toEqual([
      403,
      'it does not come from the app whose secret signed it\n',
    ]);
    expect(await door.view(id)).toMatchObject(vote);
  });

  test('clicked for somebody else, in words that only look like them, decides nothing (S21, C28)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    slack.addUser({
      id: 'U0EVE000002',
      name: 'alice',
      realName: 'Alice',
      email: 'alice@example.com.evil.example',
    });
    const { id, card } = await door.ask();
    const clicked = await press(slack, card, 'Approve', {
      by: 'U0EVE000002',
      actor: { username: 'alice' },
      change: (payload) => ({ ...payload, user_id: ALICE, users: [ALICE], actor: { id: ALICE } }),
    });
    await slack.when(() => /not one of those who may decide/.test(clicked.ephemerals.at(-1)?.text ?? ''));
    expect(await door.view(id)).toMatchObject(vote);
  });

  test('clicked by guests, strangers, bots and those who were deactivated decides nothing, listed or not (A11, A14)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const people = [
      { id: 'U0GUEST0001', name: 'guest', restricted: true },
      { id: 'U0GUEST0002', name: 'guest of one', ultraRestricted: true },
      { id: 'U0GONE00001', name: 'gone', deleted: true },
      { id: 'U0ROBOT0001', name: 'robot', bot: true },
      { id: 'U0FOREIGN01', name: 'foreign', team: 'T0OTHER0001' },
    ];
    for (const person of people) slack.addUser(person);
    config['gates'] = {
      release: {
        approvers: [ALICE, BOB, ...people.map(({ id }) => id)],
        channels: [CHANNEL],
        unknown_requester: 'allow',
      },
    };
    await listener.stop();
    await listener.start();
    const { id, card } = await door.ask();
    for (const { id: by } of people)
      for (const button of ['Approve', 'Deny']) {
        const clicked = await press(slack, card, button, { by });
        expect([by, clicked.status]).toEqual([by, 200]);
        if (clicked.modal === undefined)
          await slack.when(() => /Nothing (was )?changed/.test(clicked.ephemerals.at(-1)?.text ?? ''));
      }
    expect(await door.view(id)).toMatchObject(vote);
    await press(slack, card, 'Approve', { by: BOB });
    await door.becomes(id, 'approved');
    await shows(slack, card, `Approved by <@${BOB}>`);
  });
});

test('nothing of all this left a stack or an error', () => {
  expect(attacked().listener.log()).not.toMatch(/"level":"error"|unexpected|\.js:\d+:\d+/);
});

function valueOf(blocks: unknown): string {
  return /"value":"([0-9a-f]{24}\.[\w-]+)"/.exec(JSON.stringify(blocks))?.[1] ?? '';
}

/** Whole numbers, the same ones at each run. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
