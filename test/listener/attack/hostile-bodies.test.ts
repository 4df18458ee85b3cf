import { describe, expect, test } from 'vitest';
import { ORIGIN } from './door.ts';
import { refused, teams } from './teams.ts';

const attacked = teams();

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
    refused(await door.open({ context: { a: 'x'.repeat(8193) } }), 400, /context/);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`n${at}`, 'x']));
    refused(await door.open({ context: many }), 400, /context/);
    refused(
      await door.open({ context: { a: 'x'.repeat(8192), b: 'y'.repeat(8192) } }),
      400,
      /16384 are kept/,
    );
    refused(await door.open({ context: { a: { b: 'c' } } }), 400, /context/);
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
