import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import { createSlack } from '../../src/slack/client.ts';
import { listen } from '../fakes/http/listen.ts';
import { withSlack } from '../support/slack-in-process.ts';

const POST = { channel: 'C0RELEASES1', text: 'hello' };

describe('a call', () => {
  it('sends objects as JSON, leaves out what is undefined, and answers what Slack says', () =>
    withSlack(async ({ slack, fake }) => {
      const blocks = [{ type: 'divider' }];
      const answer = await slack.call('chat.postMessage', { ...POST, blocks, thread_ts: undefined }, 'once');
      expect(answer).toMatchObject({ ok: true, channel: 'C0RELEASES1' });
      expect(fake.calls).toMatchObject([{ args: { ...POST, blocks } }]);
      expect(fake.calls[0]?.args).not.toHaveProperty('thread_ts');
    }));

  it('tells a wrong token in one line with its remedy', () =>
    withSlack(async ({ fake, http, clock, log }) => {
      const stranger = createSlack(
        { token: new Secret('xoxb-sensitive-other'), apiUrl: fake.apiUrl },
        { http, clock, log },
      );
      await expect(stranger.call('auth.test', {}, 'read')).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
        message: 'Slack refused auth.test: invalid_auth',
        hint: expect.stringContaining('source.slack.token'),
      });
    }));

  it('names a missing scope, the scopes there are, and where to add it', () =>
    withSlack(
      async ({ slack }) => {
        await expect(slack.call('files.info', { file: 'F0000000001' }, 'read')).rejects.toMatchObject({
          message: 'Slack refused files.info: missing_scope (has chat:write,files:write)',
          hint: 'the app lacks the scope files:read: add it on the app page under OAuth & Permissions, then reinstall the app',
        });
      },
      { scopes: ['chat:write', 'files:write'] },
    ));

  it('keeps the json-pointers that Slack gives for bad blocks', () =>
    withSlack(async ({ slack }) => {
      const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
      await expect(slack.call('chat.postMessage', { ...POST, blocks }, 'once')).rejects.toMatchObject({
        message: expect.stringMatching(/invalid_blocks \([^;]+\[json-pointer:\/blocks\/0\/text[^;]+\)$/),
        hint: 'mend the place named in brackets',
      });
    }));

  it('ends at once, and for the given reason, when the step is stopped', () =>
    withSlack(async ({ slack, fake, stop }) => {
      fake.fault('auth.test', 'hang');
      const call = slack.call('auth.test', {}, 'read');
      await expect.poll(() => fake.count()).toBe(1);
      const reason = new Error('stopped by SIGTERM');
      stop(reason);
      await expect(call).rejects.toBe(reason);
      expect(fake.count()).toBe(1);
    }));
});

describe('rate limits', () => {
  it.each(['read', 'once'] as const)('waits as Retry-After asks and calls again, rule %s (S12)', (rule) =>
    withSlack(async ({ slack, fake, clock, lines }) => {
      fake.fault('chat.postMessage', { rateLimit: 7 });
      await slack.call('chat.postMessage', POST, rule);
      expect(clock.sleeps).toEqual([7000]);
      expect(lines).toEqual(['Slack asks to wait 7 s before chat.postMessage']);
      expect(fake.messages()).toHaveLength(1);
    }),
  );

  it('waits a second when Retry-After is missing or nonsense (S12)', () =>
    withSlack(async ({ slack, fake, clock }) => {
      fake.fault('auth.test', { rateLimit: Number.NaN });
      fake.fault('auth.test', { error: 'ratelimited' });
      await slack.call('auth.test', {}, 'read');
      expect(clock.sleeps).toEqual([1000, 1000]);
    }));

  it('counts waiting apart from tries (S12)', () =>
    withSlack(async ({ slack, fake }) => {
      fake.fault('auth.test', { rateLimit: 1 }, 6);
      fake.fault('auth.test', { http: 500 }, 3);
      await slack.call('auth.test', {}, 'read');
      expect(fake.count('auth.test')).toBe(10);
    }));

  it('ends the waiting after five minutes in all (S12)', () =>
    withSlack(async ({ slack, fake, clock }) => {
      fake.fault('chat.postMessage', { rateLimit: 140 }, 9);
      await expect(slack.call('chat.postMessage', POST, 'once')).rejects.toMatchObject({
        code: 'SLACK_RATE_LIMITED',
        message: 'Slack limits chat.postMessage: asks to wait 140 s more, after 280 s of waiting',
      });
      expect(clock.sleeps).toEqual([140_000, 140_000]);
    }));

  it('does not start a wait that is too long, and does not claim to have waited (S12)', () =>
    withSlack(async ({ slack, fake, clock }) => {
      fake.fault('chat.postMessage', { rateLimit: 3600 });
      await expect(slack.call('chat.postMessage', POST, 'once')).rejects.toMatchObject({
        message: 'Slack limits chat.postMessage: asks to wait 3600 s',
      });
      expect(clock.sleeps).toEqual([]);
    }));

  it('holds up only the method that is limited (S12)', () =>
    withSlack(async ({ slack, fake, clock }) => {
      fake.fault('chat.postMessage', { rateLimit: 30 });
      await Promise.all([slack.call('chat.postMessage', POST, 'once'), slack.call('auth.test', {}, 'read')]);
      expect(clock.sleeps).toEqual([30_000]);
      expect(fake.calls.at(-1)?.method).toBe('chat.postMessage');
    }));
});

describe('a server that cannot be reached', () => {
  it.each(['read', 'once'] as const)('is tried four times, for nothing was sent, rule %s (S11)', (rule) =>
    withSlack(async ({ http, clock, log }) => {
      const gone = await listen(() => undefined);
      await gone.close();
      const slack = createSlack(
        { token: new Secret('xoxb-x'), apiUrl: `${gone.origin}/api/` },
        { http, clock, log },
      );
      await expect(slack.call('chat.postMessage', POST, rule)).rejects.toMatchObject({
        code: 'SLACK_UNREACHABLE',
        message: expect.stringMatching(
          /^no answer from 127\.0\.0\.1:\d+: chat\.postMessage failed 4 times: .*ECONNREFUSED/,
        ),
        hint: expect.stringContaining('proxy'),
      });
      expect(clock.sleeps).toEqual([500, 1000, 2000]);
    }),
  );

  it('is found again when it comes back between two tries, and posts once (S11)', () =>
    withSlack(async ({ fake, clock, http, log, apiUrl }) => {
      let down = 2;
      const flaky = createSlack(
        { token: new Secret(fake.token), apiUrl },
        {
          clock,
          log,
          http: (request) => http(down-- > 0 ? { ...request, origin: 'http://127.0.0.1:1' } : request),
        },
      );
      await flaky.call('chat.postMessage', POST, 'once');
      expect(clock.sleeps).toEqual([500, 1000]);
      expect(fake.messages()).toHaveLength(1);
    }));
});

describe('a web server that is not Slack', () => {
  it.each([302, 403, 404, 407])(
    'answering %i is named with its status, and blamed on the way there',
    (status) =>
      withSlack(async ({ slack, fake }) => {
        fake.fault('chat.postMessage', { http: status }, 9);
        await expect(slack.call('chat.postMessage', POST, 'once')).rejects.toMatchObject({
          code: 'SLACK_FAILED',
          message: `Slack's API failed: chat.postMessage failed 4 times: HTTP ${status} without a Slack answer`,
          hint: expect.stringContaining('source.slack.api_url'),
        });
        expect(fake.messages()).toEqual([]);
      }),
  );

  it('is not believed for its size: an endless answer ends the call', () =>
    withSlack(async ({ http, clock, log }) => {
      const endless = await listen((_, res) => {
        res.on('drain', () => res.write('x'.repeat(65_536)));
        res.write('{"ok":true,"x":"'.padEnd(65_536, 'x'));
      });
      const slack = createSlack(
        { token: new Secret('xoxb-x'), apiUrl: `${endless.origin}/api/` },
        { http, clock, log },
      );
      await expect(slack.call('chat.postMessage', POST, 'once')).rejects.toMatchObject({
        code: 'SLACK_OUTCOME_UNKNOWN',
        message: expect.stringContaining('longer than 5242880 bytes'),
      });
      await endless.close();
    }));
});
