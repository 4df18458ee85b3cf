import { describe, expect, test } from 'vitest';
import { ORIGIN, press, shows, BOB } from './door.ts';
import { of, refused, teams } from './teams.ts';

const attacked = teams();

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
    refused(await door.request('GET', `/v1/approvals/${id}`, undefined, of('twin')), 404, /no such approval/);
    refused(
      await door.request('GET', `/v1/approvals/${id}`, undefined, of('reader')),
      404,
      /no such approval/,
    );
    for (const name of ['twin', 'reader'])
      expect((await door.decisions('release', of(name))).text).not.toContain(id);
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

  test('of a put that waits for its own build is listed nowhere, and no other build’s, whoever makes the request', async () => {
    const { door } = attacked();
    const { id } = await approved({ wait: true, for_build: true });
    expect((await door.decisions()).text).not.toContain(id);
    const { build_id: _, ...unnumbered } = ORIGIN;
    for (const origin of [{ ...ORIGIN, build_id: '4712' }, unnumbered])
      refused(await door.claim(id, { origin }), 409, /was asked for by app\/deploy #41, which waits for it/);
    expect((await door.claim(id)).status).toBe(200);
    for (const change of [{ wait: false }, { origin: unnumbered }])
      refused(await door.open({ wait: true, for_build: true, ...change }), 400, /for_build/);
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

  test('that is open, denied or taken back opens nothing (C24, C26)', async () => {
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
