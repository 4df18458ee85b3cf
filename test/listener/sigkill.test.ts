import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuditChain } from '../../src/durable/audit.ts';
import { isRecord } from '../../src/kit/json.ts';
import { LiveSecret } from '../../src/kit/live-secret.ts';
import { auditKeyOf } from '../../src/listener/audit-key.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { until } from '../support/gate.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess } from '../support/listener-process.ts';
import { withTempDir } from '../support/temp-dir.ts';

const KILLS = 25;
const ORIGIN = { team: 'main', pipeline: 'app', job: 'release' };
const AUDIT_KEY = 'sensitive-audit-key-of-at-least-32-characters';

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Asks again as often as nobody answers, as builds and people do. */
async function ask(
  { url, token }: ListenerProcess,
  path: string,
  body?: object,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  for (;;) {
    try {
      const answer = await fetch(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const read: unknown = await answer.json();
      if (answer.status < 500) return { status: answer.status, body: isRecord(read) ? read : {} };
    } catch {
      // It is dead: the next one answers.
    }
    await pause(20);
  }
}

/** Waits, over as many processes as it takes, until a request is as it should be. */
async function see(
  listener: ListenerProcess,
  id: string,
  is: (view: Readonly<Record<string, unknown>>) => boolean,
): Promise<void> {
  for (let seen = -1; ; ) {
    const { body } = await ask(listener, `/v1/approvals/${id}?wait=5&seen=${seen}`);
    if (is(body)) return;
    seen = Number(body['revision']);
  }
}

interface Story {
  readonly id: string;
  /** Builds that were told to go on. */
  readonly claimed: readonly string[];
}

/** A build asks, a person approves, two builds claim: each again until it is answered. */
async function live(listener: ListenerProcess, key: string): Promise<Story> {
  const request = { gate: 'release', key, title: `Ship ${key}?`, wait: false, origin: ORIGIN };
  const { status, body } = await ask(listener, '/v1/approvals', request);
  expect([200, 201]).toContain(status);
  const id = String(body['approval']);
  await see(listener, id, (view) => view['channel'] !== undefined);
  await approve(listener, id);
  await see(listener, id, (view) => view['status'] === 'approved');
  const claims = ['1', '2'].map(async (build) => {
    const origin = { ...ORIGIN, build_id: build };
    const claim = await ask(listener, '/v1/claims', { approval: id, gate: 'release', expect: {}, origin });
    return claim.status === 200 ? [build] : [];
  });
  return { id, claimed: (await Promise.all(claims)).flat() };
}

async function approve({ slack }: ListenerProcess, id: string): Promise<void> {
  for (;;) {
    const card = cardsOf(slack, id).find(({ blocks }) =>
      JSON.stringify(blocks).includes('"approval:approve"'),
    );
    // Decided already, by a click whose acknowledgement was lost.
    if (card === undefined) return;
    const clicked = await slack.click({
      channel: card.channel,
      ts: card.ts,
      button: 'Approve',
      by: 'U0ALICE0001',
    });
    if (clicked.status === 200) return;
    await pause(20);
  }
}

function cardsOf(slack: ListenerProcess['slack'], id: string) {
  return slack
    .messages('releases')
    .filter(
      ({ thread_ts: thread, metadata }) => thread === undefined && JSON.stringify(metadata).includes(id),
    );
}

function saysUsed(message: object): boolean {
  return JSON.stringify(message).includes('used by');
}

/** Builds ask and people click while the process is killed again and again, until all that was begun is done. */
async function liveAndDie(listener: ListenerProcess, next: () => number): Promise<readonly Story[]> {
  let killing = true;
  const stories: Story[] = [];
  const worker = async (name: string) => {
    for (let nth = 1; killing; nth++) stories.push(await live(listener, `${name}-${nth}`));
  };
  const work = Promise.all(['a', 'b', 'c'].map(worker));
  let startMs = 300;
  for (let kill = 0; kill < KILLS; kill++) {
    // A slow machine does as much between two kills as a fast one.
    await pause(next() * startMs);
    await listener.stop('SIGKILL');
    const before = performance.now();
    await listener.start();
    startMs = performance.now() - before;
  }
  killing = false;
  await work;
  return stories;
}

async function auditProblems(path: string): Promise<readonly string[]> {
  const store = await openSqliteStore({ path });
  try {
    const chain = createAuditChain(
      auditKeyOf({ auditKey: new LiveSecret(() => AUDIT_KEY), store: { kind: 'sqlite', path } }),
    );
    const found: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page = await store.list({}, next === '' ? undefined : next);
      for (const record of page.records)
        found.push(...chain.problems(record, await store.readAudit(record.id)));
      next = page.next;
    }
    return found;
  } finally {
    await store.close();
  }
}

// Two at once: most of the time of a kill is the start that follows it.
describe.concurrent('fifty kills of the real process lose nothing and do nothing twice', () => {
  test.for([1, 2])('seed %i', { timeout: 600_000 }, (seed, { expect: own }) =>
    withTempDir((dir) => {
      const path = join(dir, 'listener.db');
      return withListenerProcess({ config: { store: { sqlite: path } } }, async (listener) => {
        const stories = await liveAndDie(listener, random(seed));
        own(stories.length).toBeGreaterThanOrEqual(3);
        own(stories.filter(({ claimed }) => claimed.length !== 1)).toEqual([]);
        for (const { id } of stories) {
          await until(() => cardsOf(listener.slack, id).every(saysUsed));
          own(cardsOf(listener.slack, id)).toHaveLength(1);
        }
        await listener.stop();
        own(await auditProblems(path)).toEqual([]);
        process.stdout.write(`listener: ${KILLS} kills, ${stories.length} requests approved and claimed\n`);
      });
    }),
  );
});
