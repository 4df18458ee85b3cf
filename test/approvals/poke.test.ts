import { describe, expect, test } from 'vitest';
import { createPoke } from '../../src/approvals/poke.ts';
import type { Webhook } from '../../src/approvals/poke.ts';
import { createHttp } from '../../src/kit/http.ts';
import { Secret } from '../../src/kit/secret.ts';
import { listen } from '../fakes/http/listen.ts';

const HOOK: Webhook = {
  gate: 'release',
  team: 'main',
  pipeline: 'my app',
  resource: 'release-gate',
  vars: {},
  token: new Secret('sensitive/token&x'),
};

/** Concourse, as far as its check webhooks go. */
async function withConcourse(
  statuses: readonly number[],
  use: (
    poke: (hooks: readonly Webhook[], gate?: string) => Promise<void>,
    seen: { urls: string[]; lines: string[]; outcomes: string[] },
  ) => Promise<void>,
): Promise<void> {
  const seen = { urls: [] as string[], lines: [] as string[], outcomes: [] as string[] };
  const server = await listen(async (req, res) => {
    seen.urls.push(`${req.method} ${req.url}`);
    res.writeHead(statuses[seen.urls.length - 1] ?? 201).end();
  });
  const log = {
    info: (line: string) => void seen.lines.push(line),
    warn: (line: string) => void seen.lines.push(line),
  };
  try {
    await use((hooks, gate = 'release') => {
      const ports = {
        http: createHttp({}),
        log,
        poked: (outcome: string) => void seen.outcomes.push(outcome),
      };
      return createPoke(`${server.origin}/ci/`, hooks, ports)(gate, AbortSignal.timeout(60_000));
    }, seen);
  } finally {
    await server.close();
  }
}

describe('poking Concourse', () => {
  test('asks for a check of each resource of the gate, and of no other', () =>
    withConcourse([], async (poke, { urls, outcomes }) => {
      await poke([HOOK, { ...HOOK, gate: 'other' }, { ...HOOK, resource: 'second' }]);
      expect(urls.toSorted()).toEqual([
        'POST /ci/api/v1/teams/main/pipelines/my%20app/resources/release-gate/check/webhook?webhook_token=sensitive%2Ftoken%26x',
        'POST /ci/api/v1/teams/main/pipelines/my%20app/resources/second/check/webhook?webhook_token=sensitive%2Ftoken%26x',
      ]);
      expect(outcomes).toEqual(['accepted', 'accepted']);
    }));

  test('names an instance by its vars, each as JSON (C14)', () =>
    withConcourse([], async (poke, { urls }) => {
      await poke([{ ...HOOK, vars: { env: 'dev', nr: 2, on: true, deep: { a: 'b' } } }]);
      expect(urls[0]?.split('&').slice(1).map(decodeURIComponent)).toEqual([
        'vars.env="dev"',
        'vars.nr=2',
        'vars.on=true',
        'vars.deep={"a":"b"}',
      ]);
    }));

  test('that is refused says so, without the token, and is not tried again (C27)', () =>
    withConcourse([401], async (poke, { lines, outcomes }) => {
      await poke([HOOK]);
      expect([lines, outcomes]).toEqual([
        ['Concourse refused the webhook of main/my app/release-gate: HTTP 401'],
        ['refused'],
      ]);
    }));

  test('that fails is worth another try, and the other resources are asked all the same', () =>
    withConcourse([502, 201], async (poke, { urls, outcomes }) => {
      await expect(poke([HOOK, { ...HOOK, resource: 'second' }])).rejects.toThrow(/answered HTTP 502/);
      expect([urls.length, outcomes.toSorted()]).toEqual([2, ['accepted', 'failed']]);
    }));

  test('where nobody is asked to does nothing', () =>
    withConcourse([], async (poke, { urls }) => {
      await poke([HOOK], 'other');
      expect(urls).toEqual([]);
    }));
});
