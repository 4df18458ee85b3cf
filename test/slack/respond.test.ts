import { describe, expect, it, test } from 'vitest';
import type { Http } from '../../src/kit/http.ts';
import { createResponder, responseTarget } from '../../src/slack/respond.ts';
import { listen } from '../fakes/http/listen.ts';
import type { Handler, Listener } from '../fakes/http/listen.ts';
import { readBody } from '../fakes/http/read-body.ts';
import { createHttp } from '../../src/kit/http.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import type { Responder } from '../../src/slack/respond.ts';

interface ResponderWorld {
  readonly responder: Responder;
  readonly clock: ManualClock;
  readonly url: string;
  readonly server: Listener;
  readonly posted: readonly unknown[];
  readonly lines: readonly string[];
}

async function withResponder(
  use: (world: ResponderWorld) => Promise<void>,
  answer: Handler = (_, res) => void res.end('ok'),
  http: Http = createHttp({}),
): Promise<void> {
  const posted: unknown[] = [];
  const lines: string[] = [];
  const server = await listen(async (req, res) => {
    posted.push(JSON.parse((await readBody(req)).toString('utf8')));
    await answer(req, res);
  });
  const clock = manualClock();
  const log = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`warning: ${line}`),
  };
  const responder = createResponder({ http, clock, log, apiUrl: `${server.origin}/api/` });
  try {
    await use({ responder, clock, url: `${server.origin}/actions/T1/1/a`, server, posted, lines });
  } finally {
    await server.close();
  }
}

describe('an answer to a person', () => {
  it('is seen by them alone, and leaves the message as it is', () =>
    withResponder(async ({ responder, url, posted }) => {
      expect(await responder.tell(url, 'Nothing changed.')).toBe(true);
      expect(posted).toEqual([
        { response_type: 'ephemeral', replace_original: false, text: 'Nothing changed.' },
      ]);
    }));

  it('is given five times, and for thirty minutes (S17)', () =>
    withResponder(async ({ responder, url, posted, clock }) => {
      for (let use = 0; use < 5; use++) expect(await responder.tell(url, 'x')).toBe(true);
      expect(await responder.tell(url, 'x')).toBe(false);
      expect(posted).toHaveLength(5);
      expect(await responder.tell(`${url}2`, 'x')).toBe(true);
      await clock.advance(30 * 60_000 + 1);
      expect(await responder.tell(`${url}2`, 'x')).toBe(false);
      expect(posted).toHaveLength(6);
    }));

  it.each([
    ['an error', (_, res) => void res.writeHead(500).end()],
    ['expired_url', (_, res) => void res.writeHead(404).end('{"ok":false,"error":"expired_url"}')],
    ['a reset', (req) => void req.socket.resetAndDestroy()],
  ] satisfies [string, Handler][])(
    'is given up at %s: it never rejects, is not tried again, and the log tells no address (S34)',
    (_, answer) =>
      withResponder(async ({ responder, url, posted, lines }) => {
        expect(await responder.tell(url, 'x')).toBe(false);
        expect(posted).toHaveLength(1);
        expect(lines).toEqual([expect.stringContaining('a person could not be answered')]);
        expect(lines.join()).not.toContain(new URL(url).pathname);
      }, answer),
  );

  it('is not carried elsewhere by a redirect', () =>
    withResponder(
      async ({ responder, url, posted }) => {
        expect(await responder.tell(url, 'x')).toBe(false);
        expect(posted).toHaveLength(1);
      },
      (_, res) => void res.writeHead(307, { location: '/elsewhere' }).end(),
    ));

  it('is dropped when too many wait already, so that nothing piles up while Slack hangs', async () => {
    const hang = Promise.withResolvers<never>();
    let asked = 0;
    const http: Http = () => {
      asked += 1;
      return hang.promise;
    };
    await withResponder(
      async ({ responder, url }) => {
        const waiting = Array.from({ length: 200 }, (_, at) => responder.tell(`${url}${at}`, 'x'));
        expect(await responder.tell(`${url}-last`, 'x')).toBe(false);
        expect(asked).toBe(200);
        hang.reject(new Error('gone'));
        expect(new Set(await Promise.all(waiting))).toEqual(new Set([false]));
        await responder.idle();
      },
      undefined,
      http,
    );
  });

  it('never leaves Slack, though the payload says so, and the log does not say where to', () =>
    withResponder(async ({ responder, lines, posted }) => {
      expect(await responder.tell('http://169.254.169.254/latest/sensitive-path', 'x')).toBe(false);
      expect(posted).toEqual([]);
      expect(lines).toEqual(['warning: a response URL leads away from Slack and was not used']);
    }));
});

const SLACK = 'https://slack.com/api/';
test.each([
  ['https://hooks.slack.com/actions/T1/1/a', SLACK],
  ['https://hooks.slack.com/commands/T1/1/a?x=1', 'https://slack.com/api/'],
  ['https://hooks.slack-gov.com/actions/T1/1/a', 'https://slack-gov.com/api/'],
  ['http://127.0.0.1:8080/actions/T1/1/a', 'http://127.0.0.1:8080/api/'],
])('%s may be answered', (url, api) => {
  expect(responseTarget(url, api)?.href).toBe(url);
});

test.each([
  ['', SLACK],
  ['hooks.slack.com', SLACK],
  ['http://hooks.slack.com/actions/T1/1/a', SLACK],
  ['https://hooks.slack.com:8443/actions/T1/1/a', SLACK],
  ['https://hooks.slack.com.evil.example/a', SLACK],
  ['https://evil.example/hooks.slack.com', SLACK],
  ['https://user:pass@hooks.slack.com/a', SLACK],
  ['https://hooks.slack.com@evil.example/a', SLACK],
  ['https://slack.com/a', SLACK],
  ['https://files.slack.com/a', SLACK],
  ['http://127.0.0.1/a', SLACK],
  ['http://127.0.0.1:9/actions/T1/1/a', 'http://127.0.0.1:8080/api/'],
  ['http://localhost:8080/actions/T1/1/a', 'http://127.0.0.1:8080/api/'],
  ['file:///etc/passwd', SLACK],
  ['javascript:alert(1)', SLACK],
])('%s may not be answered', (url, api) => {
  expect(responseTarget(url, api)).toBeUndefined();
});
