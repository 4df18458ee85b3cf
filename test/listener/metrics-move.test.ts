import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { METRICS } from '../../src/listener/metric-list.ts';
import { engineObserver } from '../../src/listener/observers.ts';
import { createMetrics } from '../../src/listener/metrics.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../support/listener-process.ts';
import { readText } from '../support/markdown.ts';
import { until } from '../support/gate.ts';
import { ALICE, BOB, CHANNEL, doorOf, press, shows } from './attack/door.ts';
import type { Door } from './attack/door.ts';

const SETUP: ListenerSetup = {
  gate: { approvers: [ALICE] },
  server: { shutdown_delay: '15s', rate_limits: { remote: '2/h' } },
  config: {
    audit: {
      key: 'sensitive-audit-key-of-at-least-32-characters',
      manifest: { file: '{dir}/manifest', every: '1s' },
    },
  },
};

/** Those of the manifest. */
const NO_HISTORY = ['chat:write', 'usergroups:read', 'users:read', 'users:read.email'];

/** The value of a metric by the beginning of its line, 0 when it is not there. */
async function metric({ metrics }: ListenerProcess, line: string): Promise<number> {
  const found = (await metrics()).split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}

async function moves(listener: ListenerProcess, line: string, by: () => Promise<unknown>): Promise<void> {
  const before = await metric(listener, line);
  await by();
  await expect.poll(() => metric(listener, line)).toBeGreaterThan(before);
}

/** Changes the store of a listener that does not run. */
function change({ dir }: ListenerProcess, ...sql: readonly string[]): void {
  const db = new DatabaseSync(join(dir, 'listener.db'), { timeout: 60_000 });
  for (const statement of sql) db.exec(statement);
  db.close();
}

function withListener(use: (listener: ListenerProcess, door: Door) => Promise<void>, setup = SETUP) {
  return withListenerProcess(setup, (listener) => use(listener, doorOf(listener, listener.slack)));
}

test('requests, clicks, votes, approvals and effects move their metrics', () =>
  withListener(async (listener, door) => {
    const { slack, url } = listener;
    const of = (line: string, by: () => Promise<unknown>) => moves(listener, line, by);
    await of('listener_http_requests_total{route="/v1/approvals",status="201"}', () => door.ask());
    expect(await metric(listener, 'listener_http_request_seconds_count{route="/v1/approvals"}')).toBe(1);
    const unsigned = () =>
      fetch(`${url}/slack/interactions`, { method: 'POST', body: new URLSearchParams({ payload: '{}' }) });
    await of('listener_slack_refused_total{reason="no_timestamp"}', unsigned);
    const stranger = () => fetch(`${url}/v1/approvals`, { method: 'POST' });
    await of('listener_http_rate_limited_total{by="remote"}', async () => {
      for (let count = 0; count < 3; count++) await stranger();
    });
    const { id, card } = await door.ask();
    await of('listener_votes_refused_total{reason="not_listed"}', () =>
      press(slack, card, 'Approve', { by: BOB }),
    );
    const click = async () => {
      await press(slack, card, 'Approve');
      await door.becomes(id, 'approved');
    };
    await of('listener_approvals_total{status="approved"}', click);
    expect(await metric(listener, 'listener_approvals_total{status="open"}')).toBe(2);
    expect(await metric(listener, 'listener_slack_ack_seconds_count')).toBeGreaterThan(1);
    expect(await metric(listener, 'listener_slack_accepted_total{kind="approval:approve"}')).toBe(2);
    await shows(slack, card, 'Approved by');
    await expect
      .poll(() => metric(listener, 'listener_effects_total{kind="approval",name="card",outcome="done"}'))
      .toBeGreaterThan(2);
    const next = await door.ask();
    slack.fault('chat.update', { rateLimit: 1 });
    await of('listener_slack_rate_limited_total', () => listener.verb('withdraw', next.id, '--as', 'dana'));
  }));

test('what an operator decides is counted by the listener that runs, once', () =>
  withListener(async (listener, door) => {
    const [one, two] = [await door.ask(), await door.ask()];
    const counted = () =>
      Promise.all(
        ['open', 'approved', 'withdrawn'].map((status) =>
          metric(listener, `listener_approvals_total{status="${status}"}`),
        ),
      );
    await listener.verb('approve', one.id, '--as', 'dana', '--reason', 'Slack is down');
    await expect.poll(counted).toEqual([2, 1, 0]);
    await listener.verb('withdraw', one.id, '--as', 'dana');
    await listener.verb('withdraw', two.id, '--as', 'dana');
    await expect.poll(counted).toEqual([2, 1, 2]);
    await shows(listener.slack, one.card, 'Withdrawn');
    await press(listener.slack, (await door.ask()).card, 'Approve');
    await expect.poll(counted).toEqual([3, 2, 2]);
  }));

test('a second card that a click has found is counted, and points to the card', () =>
  withListener(
    async (listener, door) => {
      const { slack } = listener;
      slack.fault('chat.postMessage', 'lost');
      const { card } = await door.ask();
      const second = slack.messages(CHANNEL).find(({ ts, thread_ts: thread }) => ts !== card.ts && !thread);
      if (second === undefined) throw new Error('there is one card');
      expect(await metric(listener, 'listener_cards_lost_total')).toBe(0);
      await moves(listener, 'listener_cards_lost_total', () => press(slack, second, 'Approve'));
      await shows(slack, second, 'Not the card');
    },
    { ...SETUP, slack: { listenerScopes: NO_HISTORY } },
  ));

test('sweeps tell how long they took, how late they were, and how they ended', () =>
  withListener(async (listener, door) => {
    const { id } = await door.ask();
    const lag = () => metric(listener, 'listener_sweep_lag_seconds_count');
    const before = await lag();
    await moves(listener, 'listener_sweep_seconds_count', () =>
      listener.verb('withdraw', id, '--as', 'dana'),
    );
    await expect.poll(lag).toBeGreaterThan(before);
    expect(await metric(listener, 'listener_sweeps_total{outcome="done"}')).toBeGreaterThan(0);
  }));

test('an effect that fails again and again is told as failing until it is done', () =>
  withListener(async (listener, door) => {
    const { slack } = listener;
    const { id, card } = await door.ask();
    slack.outage(true);
    await listener.verb('withdraw', id, '--as', 'dana');
    const failed = 'listener_effects_total{kind="approval",name="card",outcome="failed"}';
    await expect.poll(() => metric(listener, failed)).toBeGreaterThan(0);
    // Five tries take half a minute.
    const fifth = `update record set due_at = 1, body = json_set(body, '$.dueAt', 1, '$.effects', (
      select json_group_array(json(
        iif(json_extract(value, '$.key') = 'card', json_set(value, '$.attempts', 5, '$.nextAt', 1), value)
      )) from json_each(body, '$.effects')
    )) where id = 'approval/${id}'`;
    const failing = () => metric(listener, 'listener_effects_failing{kind="approval"}');
    await until(async () => {
      change(listener, fifth);
      // The try that this brings, or one that was under way and undoes it.
      const before = await metric(listener, failed);
      await expect.poll(() => metric(listener, failed)).toBeGreaterThan(before);
      return (await failing()) === 1;
    });
    expect((await listener.verb('list', '--failing')).stdout).toMatch(
      new RegExp(`^approval/${id}  withdrawn .* FAILING card$`, 'm'),
    );
    slack.outage(false);
    await listener.verb('retry', id);
    await shows(slack, card, 'Withdrawn');
    await expect.poll(failing).toBe(0);
    expect((await listener.verb('list', '--failing')).stdout).toBe('');
  }));

test('what fails on one replica and is done by another is not told as failing for ever', async () => {
  const metrics = createMetrics();
  let now = 0;
  const observer = engineObserver(metrics, () => now);
  observer.effect('approval', 'card', 'failed', { id: 'a', key: 'card', failing: true });
  observer.newer('b');
  const swept = () => observer.swept({ ms: 1, failed: 0, tended: 0, due: 0, lagMs: 0 });
  swept();
  expect(await metrics.text()).toContain('listener_effects_failing{kind="approval"} 1\n');
  now = 901_000;
  swept();
  expect(await metrics.text()).toContain('listener_effects_failing{kind="approval"} 0\n');
  expect(await metrics.text()).toContain('listener_records_newer 0\n');
});

test('records of a newer release, and audit that was changed, are counted', () =>
  withListener(async (listener, door) => {
    const [newer, changed] = [await door.ask(), await door.ask()];
    expect(await metric(listener, 'listener_audit_failures_total')).toBe(0);
    await listener.stop();
    change(
      listener,
      `update record set due_at = 1, body = json_set(body, '$.schema', 99, '$.dueAt', 1) where id = 'approval/${newer.id}'`,
      `update audit set body = json_set(body, '$.entry.title', 'Other') where record = 'approval/${changed.id}' and seq = 1`,
    );
    await listener.start();
    await expect.poll(() => metric(listener, 'listener_records_newer')).toBe(1);
    await expect.poll(() => metric(listener, 'listener_audit_failures_total')).toBeGreaterThan(0);
    expect(listener.log()).toContain(`audit: approval/${changed.id}: entry 1 was changed`);
  }));

test('a store that is locked is counted by what was tried', () =>
  withListener(async (listener, door) => {
    const db = new DatabaseSync(join(listener.dir, 'listener.db'), { timeout: 60_000 });
    db.exec('begin immediate');
    await moves(listener, 'listener_store_errors_total{operation="save"}', async () => {
      expect((await door.open()).status).toBe(503);
    });
    db.exec('rollback');
    db.close();
    expect((await door.open()).status).toBe(201);
  }));

test('calls of webhooks are counted by what Concourse answered', async () => {
  const answers = [201, 404, 500];
  const concourse = createServer((_request, response) => response.writeHead(answers.shift() ?? 201).end());
  await once(concourse.listen(0, '127.0.0.1'), 'listening');
  const address = concourse.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const webhook = {
    gate: 'release',
    team: 'main',
    pipeline: 'app',
    resource: 'release',
    token: 'hook-token',
  };
  const config = { concourse: { url: `http://127.0.0.1:${port}`, webhooks: [webhook] } };
  try {
    await withListener(
      async (listener, door) => {
        for (const outcome of ['accepted', 'refused', 'failed']) {
          const { id } = await door.ask();
          await moves(listener, `listener_webhook_pokes_total{outcome="${outcome}"}`, () =>
            listener.verb('withdraw', id, '--as', 'dana'),
          );
        }
      },
      { config },
    );
  } finally {
    concourse.closeAllConnections();
    concourse.close();
  }
});

test('a secret that cannot be read again is counted, and the one before stays in use', () => {
  const tokens = [
    { name: 'ci-main', token: '${file:{dir}/token}', may: ['open', 'read'], gates: ['release'] },
  ];
  return withListenerProcess(
    {
      config: { tokens },
      files: { token: 'sensitive-listener-token-of-pipelines' },
    },
    async (listener) => {
      await writeFile(join(listener.dir, 'token'), '');
      await until(async () => {
        expect((await doorOf(listener, listener.slack).open()).status).toBe(201);
        return (await metric(listener, 'listener_config_stale_total')) === 1;
      });
      expect((await doorOf(listener, listener.slack).open()).status).toBe(201);
    },
  );
});

test('listener_ready is 0 from SIGTERM on', () =>
  withListener(async (listener) => {
    expect(await metric(listener, 'listener_ready')).toBe(1);
    listener.signal('SIGTERM');
    await expect.poll(() => metric(listener, 'listener_ready')).toBe(0);
  }));

test('every metric is moved by a test of the process', () => {
  const folder = new URL('.', import.meta.url);
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'metrics.test.ts');
  const text = tests.map((name) => readText(`test/listener/${name}`)).join('\n');
  expect(Object.keys(METRICS).filter((name) => !text.includes(name))).toEqual([]);
});
