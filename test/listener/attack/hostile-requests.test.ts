import { describe, expect, test } from 'vitest';
import { ALICE, BOB, CHANNEL, cardsOf, cardOf, ORIGIN, press, shows } from './door.ts';
import type { Answer } from './door.ts';
import { sharedListener } from './shared-listener.ts';

// Whoever holds a token may leave out the resource and its schema, and write any request by hand. They are still held to what
// the operator's configuration says.

const token = (name: string, gates: readonly string[], may = ['open', 'read', 'claim']) => ({
  name,
  token: `sensitive-listener-token-of-${name}`,
  may,
  gates,
});
const gate = { approvers: [ALICE, BOB], channels: [CHANNEL], unknown_requester: 'allow' };
const attacked = sharedListener({
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
const of = (name: string) => `sensitive-listener-token-of-${name}`;

/** A plain refusal, which tells nothing of the inside. */
function refused(answer: Answer, status: number, message: string | RegExp): void {
  expect(answer).toMatchObject({
    status,
    body: { error: { code: expect.any(String), message: expect.stringMatching(message) } },
  });
  expect(answer.text).not.toMatch(/ at .*:\d+:\d+|node_modules|sensitive/);
}

const NEVER = 'must never be asked';

/** Refused; that nobody was asked is checked at the end, when a card would have been posted. */
async function refusedToOpen(change: object, status: number, message: string | RegExp): Promise<void> {
  const { door } = attacked();
  refused(await door.open({ title: NEVER, ...change }), status, message);
}

describe('a request by hand that would widen the policy is refused:', () => {
  test.each<[string, object, RegExp]>([
    ['a quorum of 0', { quorum: 0 }, /quorum/],
    ['a quorum of less than 0', { quorum: -1 }, /quorum/],
    ['half a quorum', { quorum: 0.5 }, /quorum/],
    ['a quorum as text', { quorum: '1' }, /quorum/],
    ['a quorum of null', { quorum: null }, /quorum/],
    ['a quorum below the gate’s', { gate: 'double', quorum: 1 }, /quorum: 1 is less than the gate's 2/],
    ['a deny quorum', { deny_quorum: 9 }, /deny_quorum/],
    ['self-approval', { allow_self: true }, /allow_self/],
    ['silence as a yes', { on_timeout: 'approve' }, /on_timeout/],
    ['a use of many', { use: 'many' }, /use/],
    ['a validity of its own', { valid_for: '1000d' }, /valid_for/],
    ['a timeout of 0', { timeout_seconds: 0 }, /timeout_seconds/],
    ['a timeout that never comes', { timeout_seconds: 1e308 }, /timeout_seconds/],
    ['no approvers', { approvers: [] }, /approvers/],
    ['approvers as text', { approvers: 'U0ALICE0001' }, /approvers/],
    ['approvers of its own', { approvers: ['U0EVE000001'] }, /0 people could approve, 1 must/],
    [
      'approvers that are no ids',
      { approvers: ['*', '@here', '<!channel>', 'u0alice0001'] },
      /could approve|nobody/,
    ],
    ['another channel', { channel: 'C0PUBLIC001' }, /C0PUBLIC001 is none of the gate's/],
    ['a channel by its name', { channel: '#releases' }, /is none of the gate's/],
    ['an origin that is none', { origin: [] }, /origin/],
    ['an origin with more than a build has', { origin: { ...ORIGIN, admin: 'true' } }, /admin/],
  ])('%s', (_what, change, message) => refusedToOpen(change, 400, message));

  test('himself through a user group that the gate does not have', async () => {
    const { slack } = attacked().listener;
    slack.addUser({ id: 'U0EVE000001', name: 'eve' });
    slack.setGroup('S0EVESGROUP', ['U0EVE000001']);
    await refusedToOpen({ approvers: ['S0EVESGROUP'] }, 400, /0 people could approve, 1 must/);
    slack.setGroup('S0EVESFRIEND', ['U0EVE000001', ALICE]);
    const { id, card } = await attacked().door.ask({ approvers: ['S0EVESFRIEND'] });
    await press(slack, card, 'Approve', { by: 'U0EVE000001' });
    expect(await attacked().door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
  });

  describe('where silence is a yes,', () => {
    test.each<[string, object, RegExp]>([
      ['a second', { timeout_seconds: 1 }, /approves by timeout, so it cannot be shortened/],
      ['a second less', { timeout_seconds: 3599 }, /approves by timeout, so it cannot be shortened/],
      ['fewer who could deny', { approvers: [ALICE] }, /approves by timeout, so all its approvers/],
      ['approvers barred by name', { not_by: [BOB] }, /approves by timeout, so all its approvers/],
    ])('%s', (_what, change, message) => refusedToOpen({ gate: 'silent', ...change }, 400, message));
  });
});

describe('a gate is one of the operator’s, by its exact name:', () => {
  test.each([
    'Release',
    'release ',
    ' release',
    'rеlease',
    'release\u0000',
    'release/',
    '../release',
    'release%2Fx',
    'main',
    'main/a/b',
    'mаin/a',
    '*',
    'staging',
    '__proto__',
    'constructor',
    'g'.repeat(200),
  ])('%j is none of this token’s', async (name) => {
    await refusedToOpen({ gate: name }, 404, /there is no gate/);
    refused(await attacked().door.decisions(name), 404, /there is no gate/);
  });

  test('a name of more than 200 characters is none at all', async () => {
    await refusedToOpen({ gate: 'g'.repeat(201) }, 400, /gate/);
    refused(await attacked().door.decisions('g'.repeat(2000)), 404, /nothing at this address|no gate/);
  });

  test.each([
    'main/a',
    'main/%2F',
    'main/..',
    'main/ü',
    `main/${'字'.repeat(190)}`,
    'main/<!channel>',
    'main/a\nb',
  ])('%j, which a pattern has, is a gate of its own: its decision is no other’s', async (name) => {
    const { door, listener } = attacked();
    const { id, card } = await door.ask({ gate: name });
    expect([card.text, ...mrkdwnIn(card.blocks)].join()).not.toContain('<!channel>');
    await press(listener.slack, card, 'Approve');
    await door.becomes(id, 'approved');
    const own = async () => (await door.decisions(name)).body['decisions'];
    await expect.poll(own).toEqual([{ approval: id, status: 'approved' }]);
    expect(JSON.stringify((await door.decisions('main/other')).body)).not.toContain(id);
    refused(await door.claim(id, { gate: 'main/other' }), 409, /not of the gate/);
    refused(await door.claim(id, { gate: 'release' }), 409, /not of the gate/);
    expect((await door.claim(id, { gate: name })).status).toBe(200);
  });
});

describe('another team’s request (C25)', () => {
  const body = { origin: ORIGIN };

  test('is unknown to a token of other gates: it reads, holds, detaches, withdraws and claims nothing', async () => {
    const { door } = attacked();
    const { id } = await door.ask({ wait: true });
    const none = /no such approval|no gate/;
    refused(await door.request('GET', `/v1/approvals/${id}`, undefined, of('other')), 404, none);
    refused(
      await door.request('GET', `/v1/approvals/${id}?wait=25&hold=true`, undefined, of('other')),
      404,
      none,
    );
    for (const act of ['detach', 'withdraw'])
      refused(await door.request('POST', `/v1/approvals/${id}/${act}`, body, of('other')), 404, none);
    for (const name of ['release', 'staging'])
      refused(await door.claim(id, { gate: name }, of('other')), 404, none);
    refused(await door.decisions('release', of('other')), 404, none);
    expect(await door.view(id)).toMatchObject({ status: 'requested' });
  });

  test('is not stopped or used by another token of the same gate, whatever build it claims to be', async () => {
    const { door, listener } = attacked();
    const { id, card } = await door.ask();
    for (const act of ['detach', 'withdraw'])
      refused(
        await door.request('POST', `/v1/approvals/${id}/${act}`, body, of('twin')),
        404,
        /no such approval/,
      );
    await press(listener.slack, card, 'Approve');
    await door.becomes(id, 'approved');
    refused(await door.claim(id, {}, of('twin')), 409, /asked for with another token/);
    refused(await door.claim(id, {}, of('claimer')), 409, /asked for with another token/);
    expect((await door.claim(id)).status).toBe(200);
  });

  test('is not stopped or used by another pipeline of the same token, nor by another instance of it (C14)', async () => {
    const { door, listener } = attacked();
    const origin = { ...ORIGIN, instance_vars: '{"env":"prod"}' };
    const { id, card } = await door.ask({ origin });
    const others = [
      ORIGIN,
      { ...origin, team: 'other' },
      { ...origin, pipeline: 'other' },
      { ...origin, instance_vars: '{"env":"dev"}' },
      { ...origin, instance_vars: '{"env": "prod"}' },
      {},
    ];
    for (const each of others)
      for (const act of ['detach', 'withdraw'])
        refused(
          await door.request('POST', `/v1/approvals/${id}/${act}`, { origin: each }),
          404,
          /no such approval/,
        );
    await press(listener.slack, card, 'Approve');
    await door.becomes(id, 'approved');
    for (const each of others) refused(await door.claim(id, { origin: each }), 409, /another pipeline/);
    expect((await door.claim(id, { origin })).status).toBe(200);
  });

  test('has no key that another token, pipeline or gate could guess: the same key is another request', async () => {
    const { door } = attacked();
    const key = 'guessable';
    const own = await door.open({ key });
    const ids = [
      own,
      await door.open({ key }, of('twin')),
      await door.open({ key, gate: 'main/a' }),
      await door.open({ key, origin: { ...ORIGIN, team: 'other' } }),
      await door.open({ key, origin: { ...ORIGIN, instance_vars: '{"env":"b"}' } }),
      await door.open({ key, origin: {} }),
    ].map(({ body: { approval } }) => approval);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await door.open({ key })).body).toMatchObject({ approval: own.body['approval'] });
    refused(await door.open({ key, context: { version: '6.6.6' } }), 409, /already asked for something else/);
  });
});

describe('a token does what its "may" says (C25):', () => {
  test.each<[string, string, string, object | undefined, string]>([
    ['reader', 'POST', '/v1/approvals', {}, 'open'],
    ['reader', 'POST', '/v1/claims', {}, 'claim'],
    ['reader', 'POST', '/v1/approvals/0123456789abcdef01234567/withdraw', {}, 'open'],
    ['claimer', 'GET', '/v1/gates/release/decisions', undefined, 'read'],
    ['claimer', 'GET', '/v1/approvals/0123456789abcdef01234567', undefined, 'read'],
    ['nobody', 'POST', '/v1/approvals', {}, 'open'],
    ['nobody', 'POST', '/v1/claims', {}, 'claim'],
    ['nobody', 'GET', '/v1/gates/release/decisions', undefined, 'read'],
  ])('%s may not %s %s', async (name, method, path, body, act) => {
    refused(
      await attacked().door.request(method, path, body, of(name)),
      403,
      `the token ${name} may not ${act}`,
    );
  });

  test.each([
    '',
    'x',
    'sensitive-listener-token-of-mai',
    'null',
    'undefined',
    `${of('twin')},${of('other')}`,
    'a'.repeat(5000),
  ])('the token %j is none', async (given) => {
    const { door } = attacked();
    refused(await door.open({}, given), 401, /does not know this token/);
    refused(await door.decisions('release', given), 401, /does not know this token/);
  });
});

describe('a decision', () => {
  const approved = async (change: object = {}) => {
    const { door, listener } = attacked();
    const { id, card } = await door.ask({ ...change });
    await press(listener.slack, card, 'Approve');
    await door.becomes(id, 'approved');
    return { id, card };
  };

  test('is used once: not by a rerun, not by a build started by hand, not by one without a number (C26)', async () => {
    const { door } = attacked();
    const { id } = await approved();
    expect((await door.claim(id)).status).toBe(200);
    expect((await door.claim(id)).status).toBe(200);
    const { build_id: _, ...unnumbered } = ORIGIN;
    for (const origin of [{ ...ORIGIN, build_id: '4712', build_name: '41.1' }, unnumbered])
      refused(await door.claim(id, { origin }), 409, /was used already, by app\/deploy #41/);
    expect((await door.decisions()).text).not.toContain(id);
  });

  test('that a build without a number uses is spent for it, too (C26)', async () => {
    const { door } = attacked();
    const { build_id: _, ...origin } = ORIGIN;
    const { id } = await approved();
    expect((await door.claim(id, { origin })).status).toBe(200);
    refused(await door.claim(id, { origin }), 409, /was used already/);
  });

  test('of a waiting put is no other build’s, whatever key its author chose (C26)', async () => {
    const { door } = attacked();
    const key = 'always the same';
    const origin = (build_id: string) => ({ ...ORIGIN, build_id });
    const { id } = await approved({ key, wait: true });
    expect((await door.open({ key, wait: true })).body).toMatchObject({ approval: id, status: 'approved' });
    const other = await door.open({ key, wait: true, origin: origin('4712') });
    refused(other, 409, /belongs to another build, app\/deploy #41/);
  });

  test('is about these very things: no more, no less, nothing inherited', async () => {
    const { door } = attacked();
    const { id } = await approved();
    const expects: readonly Readonly<Record<string, string>>[] = [
      { version: '1.2.4' },
      { version: '1.2.3 ' },
      { version: '' },
      { version: '1.2.3', digest: 'x' },
      { toString: 'x' },
      { constructor: '' },
    ];
    for (const expect_ of expects)
      refused(await door.claim(id, { expect: expect_ }), 409, /is .* here, approved was/);
    const inherited = `{"approval":"${id}","gate":"release","expect":{"__proto__":"x"},"origin":${JSON.stringify(ORIGIN)}}`;
    refused(
      await door.request('POST', '/v1/claims', inherited),
      409,
      /__proto__ is "x" here, approved was nothing/,
    );
    expect((await door.claim(id, { expect: { version: '1.2.3' } })).status).toBe(200);
  });

  test('that is open, denied or taken back opens nothing (C24)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const { id, card } = await door.ask();
    refused(await door.claim(id), 409, /not approved but still open/);
    await press(slack, card, 'Approve');
    await shows(slack, card, 'Take back');
    await press(slack, card, 'Take back', { by: BOB });
    await door.becomes(id, 'withdrawn');
    refused(await door.claim(id), 409, /not approved but withdrawn/);
    expect((await door.decisions()).text).not.toContain(id);
  });
});

describe('a path by hand leads nowhere:', () => {
  test.each([
    '/v1/approvals/..%2f',
    '/v1/approvals/..%2Fgates%2Frelease',
    '/v1/approvals/%2e%2e/gates/release/decisions',
    '/v1/approvals/../approvals',
    '/v1/approvals/gate%2Frelease',
    '/v1/approvals/%00',
    '/v1/approvals/%ff%fe',
    '/v1/approvals/%',
    '/v1/approvals/__proto__',
    '/v1/approvals//',
    `/v1/approvals/${'a'.repeat(3000)}`,
    '/v1/approvals/0123456789ABCDEF01234567',
    '/v1/approvals/0123456789abcdef01234567%0a',
    '/v1/gates/release/decisions/../../..',
    '/v1/gates//decisions',
    '//v1/approvals',
    '/v1/claims/x',
  ])('GET %s', async (path) => {
    refused(
      await attacked().door.request('GET', path),
      404,
      /nothing at this address|no such approval|no gate/,
    );
  });

  test('what is asked of a poll beyond its form is left out', async () => {
    const { door } = attacked();
    const { id } = await door.ask();
    for (const query of [
      'wait=-1',
      'wait=NaN',
      'wait=1e9&seen=x',
      'seen=9e99',
      'wait=25&wait=25&seen=-1',
      'hold=%00',
    ])
      expect((await door.request('GET', `/v1/approvals/${id}?${query}`)).body).toMatchObject({
        approval: id,
      });
    const all = await door.request('GET', '/v1/gates/release/decisions?emit=open,__proto__,%00&from=..%2f');
    expect(all).toMatchObject({ status: 200, body: { decisions: [] } });
  });
});

describe('a body by hand', () => {
  const own = JSON.stringify({ gate: 'release', key: 'k', title: 't', wait: false, origin: ORIGIN });

  test.each<[string, string | Buffer]>([
    ['that is empty', ''],
    ['that is no JSON', '{'],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['nested without an end', '['.repeat(100_000)],
    ['with itself in it', own.replace('"t"', own)],
    ['that inherits', own.replace('{', '{"__proto__":{"quorum":0},')],
    ['with a prototype for its origin', own.replace('"origin":{', '"origin":{"__proto__":{"team":"x"},')],
  ])('%s is refused', async (_what, body) => {
    refused(await attacked().door.request('POST', '/v1/approvals', body), 400, /./);
  });

  test('that is too long is refused, unread', async () => {
    const { door } = attacked();
    refused(await door.open({ details: 'x'.repeat(300_000) }), 413, /too long/);
    refused(await door.open({ details: 'x'.repeat(8001) }), 400, /details/);
  });

  test('with a key twice has one meaning everywhere: what is checked is what is asked', async () => {
    const { door } = attacked();
    const twice = (first: string, second: string) =>
      own.replace('"k"', '"twice"').replace('{', `{"quorum":${first},`).replace(/}$/, `,"quorum":${second}}`);
    refused(await door.request('POST', '/v1/approvals', twice('2', '0')), 400, /quorum/);
    const { body } = await door.request('POST', '/v1/approvals', twice('0', '2'));
    expect(body).toMatchObject({ quorum: 2 });
  });

  test('with a context too large, or of odd names, is refused or kept as it is, and never lost', async () => {
    const { door } = attacked();
    await refusedToOpen({ context: { a: 'x'.repeat(8193) } }, 400, /context/);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`n${at}`, 'x']));
    await refusedToOpen({ context: many }, 400, /context/);
    await refusedToOpen({ context: { a: 'x'.repeat(8192), b: 'y'.repeat(8192) } }, 400, /16384 are kept/);
    await refusedToOpen({ context: { a: { b: 'c' } } }, 400, /context/);
    const odd = own
      .replace('"k"', '"odd"')
      .replace('{', '{"context":{"__proto__":"p","constructor":"c","../x":"\\u0000"},');
    const { body, text } = await door.request('POST', '/v1/approvals', odd);
    expect(text).toContain('"__proto__":"p"');
    const again = odd.replace('"__proto__":"p"', '"__proto__":"q"');
    refused(await door.request('POST', '/v1/approvals', again), 409, /something else/);
    expect(JSON.stringify(await door.view(String(body['approval'])))).toContain('"constructor":"c"');
  });
});

describe('a card', () => {
  const evil =
    '<!channel> <!here> <@U0ALICE0001> <https://evil.example|Approve> `code` *bold* @everyone \u202Egnp.exe';

  test('pings and links nobody whatever its author wrote, and its thread and words likewise (C30, S29)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const origin = {
      ...ORIGIN,
      team: evil,
      pipeline: evil,
      job: evil,
      build_name: evil,
      created_by: evil,
      url: 'javascript:alert(1)',
    };
    const { id, card } = await door.ask({
      title: evil,
      details: evil,
      context: { [evil.slice(0, 90)]: evil },
      subject: evil,
      mention: ['<!channel>', '!here', evil],
      not_by: undefined,
      links: [{ title: evil, url: 'https://ci.example.com/report', note: evil }],
      origin,
    });
    const seen = slack.look(card.channel, card.ts);
    const { status } = await door.request('POST', `/v1/approvals/${id}/withdraw`, { origin, reason: evil });
    expect(status).toBe(200);
    await shows(slack, card, 'Withdrawn');
    await slack.when(() => slack.messages().some(({ thread_ts: thread }) => thread === card.ts));
    const late = await press(slack, card, 'Approve', { seen });
    await slack.when(() => late.ephemerals.length > 0);
    const own = slack.messages().filter(({ ts, thread_ts: thread }) => [ts, thread].includes(card.ts));
    const words = [seen, ...own, ...late.ephemerals];
    for (const { text, blocks } of words) {
      const live = [text, ...mrkdwnIn(blocks)].join('\n');
      const tokens = live.match(/<[^>]*>/g) ?? [];
      const ours = /^<(?:@U0(?:ALICE|BOB00)0001|!date\^[^>]*|https:\/\/ci\.example\.com\/report\|[^<]*)>$/;
      expect(
        tokens.filter((token_) => !ours.test(token_) && !/^<@U0(?:ALICE|BOB)0+1>$/.test(token_)),
      ).toEqual([]);
      expect(JSON.stringify(blocks)).not.toContain('javascript:');
      expect(live).not.toMatch(/[\u202A-\u202E]/);
    }
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'slack://open',
    'ftp://host/x',
    '//evil.example/x',
    '/relative',
    'https:',
    'https://',
    'http:///x',
    ' https://ci.example.com',
    'https://exa mple.com/',
    'x',
  ])('takes no link to %j', (url) =>
    refusedToOpen({ links: [{ title: 'report', url }] }, 400, /links\[0\]\.url: is no http or https address/),
  );

  test('shows links to addresses of the inside, and lets nobody fetch them for a preview (S10)', async () => {
    const { door, listener } = attacked();
    const url = 'http://169.254.169.254/latest/meta-data/';
    const { id } = await door.ask({ links: [{ title: 'report', url }] });
    expect(JSON.stringify(cardOf(listener.slack, id).blocks)).toContain(`<${url}|report>`);
    expect(cardOf(listener.slack, id)).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });
});

test('nobody was asked by anything that was refused', async () => {
  const { door, listener } = attacked();
  await door.ask();
  expect(JSON.stringify(cardsOf(listener.slack))).not.toContain(NEVER);
  expect(listener.log()).not.toMatch(/"level":"error"|unexpected/);
});

function mrkdwnIn(blocks: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(blocks, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn')
      found.push(String(Reflect.get(value, 'text')));
    return value;
  });
  return found;
}
