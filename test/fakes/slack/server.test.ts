import { Buffer } from 'node:buffer';
import { afterEach, describe, expect, it } from 'vitest';
import { caPem } from '../../support/tls.ts';
import type { FakeSlack } from './server.ts';
import { startFakeSlack } from './server.ts';
import { api } from './testing.ts';

let slack: FakeSlack;
afterEach(() => slack.close());

describe('fake Slack', () => {
  it('refuses a call without a token and one with another token', async () => {
    slack = await startFakeSlack({ token: 'xoxb-sensitive-mine' });
    expect(await api(slack, 'auth.test', {}, { token: null })).toEqual({ ok: false, error: 'not_authed' });
    expect(await api(slack, 'auth.test', {}, { token: 'x' })).toEqual({ ok: false, error: 'invalid_auth' });
    expect(await api(slack, 'auth.test', {})).toMatchObject({ ok: true, user_id: 'U0BOT000001' });
  });

  it('names the scope that is missing and those it has', async () => {
    slack = await startFakeSlack({ scopes: ['chat:write'] });
    expect(await api(slack, 'users.lookupByEmail', { email: 'alice@example.com' })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'users:read.email',
      provided: 'chat:write',
    });
  });

  it('reads objects from a form as JSON strings and from a JSON body as they are', async () => {
    slack = await startFakeSlack();
    const blocks = [{ type: 'divider' }];
    await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'a', blocks });
    await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'b', blocks }, { json: true });
    expect(slack.messages('releases')).toMatchObject([
      { text: 'a', blocks },
      { text: 'b', blocks },
    ]);
    expect(slack.calls.map((call) => call.args['blocks'])).toEqual([blocks, blocks]);
  });

  it('sees no arguments in a JSON body of a reading method', async () => {
    slack = await startFakeSlack();
    const answer = await api(slack, 'files.info', { file: 'F1' }, { json: true });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_arguments' });
  });

  it('refuses a body of another type', async () => {
    slack = await startFakeSlack();
    const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', body: Buffer.from('a=b') });
    expect(await response.json()).toMatchObject({ ok: false, error: 'missing_post_type' });
  });

  it('records an unknown method and fails the test that asked for it', async () => {
    slack = await startFakeSlack();
    expect(await api(slack, 'chat.poke', {})).toMatchObject({ ok: false, error: 'unknown_method' });
    expect(() => slack.expectNoUnknown()).toThrow('unknown method chat.poke');
    expect(slack.count('chat.poke')).toBe(1);
  });

  it('fails the test for an unknown path and an undocumented argument', async () => {
    slack = await startFakeSlack();
    slack.expectNoUnknown();
    await fetch(`${slack.origin}/elsewhere`);
    await api(slack, 'chat.postMessage', { channel: 'C0RELEASES1', text: 'a', client_msg_id: '1' });
    expect(() => slack.expectNoUnknown()).toThrow(
      'unknown path GET /elsewhere; chat.postMessage: unknown argument client_msg_id',
    );
  });

  it('serves https with a certificate of the private test CA', async () => {
    slack = await startFakeSlack({ tls: true });
    expect(slack.apiUrl).toMatch(/^https:\/\/localhost:\d+\/api\/$/);
    const { request } = await import('node:https');
    const status = await new Promise((resolve, reject) => {
      request(`${slack.apiUrl}auth.test`, { method: 'POST', ca: caPem }, (res) => resolve(res.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

describe('users.lookupByEmail', () => {
  it('finds a person by address in any case, and says when there is none', async () => {
    slack = await startFakeSlack();
    expect(await api(slack, 'users.lookupByEmail', { email: 'Alice@Example.com' })).toMatchObject({
      ok: true,
      user: { id: 'U0ALICE0001' },
    });
    expect(await api(slack, 'users.lookupByEmail', { email: 'x@example.com' })).toEqual({
      ok: false,
      error: 'users_not_found',
    });
  });
});
