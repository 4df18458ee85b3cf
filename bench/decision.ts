import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './compare.ts';
import { clickRequest, rawRequest } from './listener/clicks.ts';
import { inFolder } from './listener/folder.ts';
import { openLine } from './listener/load.ts';
import type { Line } from './listener/load.ts';
import { startListener, TOKEN } from './listener/program.ts';
import { askedRequest, personOf, storeAll } from './listener/requests.ts';
import type { Asked } from './listener/requests.ts';
import { figureRow, rowOfRounds } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';

const ROUNDS = 60;
const WARM_UP = 5;
/** Polling as `until curl …; do sleep 1; done` does; Actions that wait for an approval poll every 10 s. */
const POLL_MS = 1000;

/** From sending the click to the waiting put's answer, against a client of the same listener that polls once a second. */
export async function benchDecision(): Promise<Row[]> {
  const slack = startServers('quick-slack.ts');
  try {
    const { origin, slackApi } = await slack.ask();
    const rounds = await inFolder(async (dir) => {
      const now = Date.now();
      const asked = Array.from({ length: 2 * (ROUNDS + WARM_UP) }, (_, n) =>
        askedRequest(n, { gate: 'release', now }),
      );
      await storeAll(join(dir, 'listener.db'), asked);
      const listener = await startListener({ dir, slackApi: String(slackApi) });
      try {
        return await measure(asked, listener.origin, String(origin));
      } finally {
        await listener.stop();
      }
    });
    const aspect = { unit: 'ms', peerName: 'polling every second' };
    return [
      rowOfRounds(rounds, {
        ...aspect,
        name: 'click to decision, median',
        target: { most: 100, of: 'ours' },
      }),
      figureRow({
        ...aspect,
        name: 'click to decision, p95',
        ours: quantile(rounds.ours, 0.95),
        peer: quantile(rounds.peer, 0.95),
        target: {},
      }),
    ];
  } finally {
    slack.close();
  }
}

async function measure(
  asked: readonly Asked[],
  origin: string,
  slackOrigin: string,
): Promise<{ ours: number[]; peer: number[] }> {
  const rounds: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  const [clicker, waiter] = [await openLine(origin), await openLine(origin)];
  for (const [index, each] of asked.entries()) {
    // Polls begin anywhere in the second before the click.
    const way = index % 2 === 0 ? held(each, waiter) : polled(each, waiter);
    await sleep(20 + ((index * 137) % POLL_MS));
    const click = clickRequest(each, personOf(index % 20), slackOrigin);
    const clicked = performance.now();
    const [{ status }, seen] = await Promise.all([clicker.send(click), way]);
    if (status !== 200) throw new Error(`a click was answered with ${status}`);
    if (index >= 2 * WARM_UP) (index % 2 === 0 ? rounds.ours : rounds.peer).push(seen - clicked);
  }
  clicker.close();
  waiter.close();
  return rounds;
}

/** When the decision came, by one request that is held open. */
async function held({ value }: Asked, line: Line): Promise<number> {
  const revision = 1;
  for (let seen = revision; ; ) {
    const { status, at, revision: now } = await look(value, `?wait=25&hold=true&seen=${seen}`, line);
    if (status === 'approved') return at;
    seen = now;
  }
}

async function polled({ value }: Asked, line: Line): Promise<number> {
  for (;;) {
    const { status, at } = await look(value, '', line);
    if (status === 'approved') return at;
    await sleep(POLL_MS);
  }
}

async function look(
  value: string,
  query: string,
  line: Line,
): Promise<{ status: unknown; revision: number; at: number }> {
  const path = `/v1/approvals/${value.split('.')[0]}${query}`;
  const { body } = await line.send(
    rawRequest('GET', path, { host: '127.0.0.1', authorization: `Bearer ${TOKEN}` }),
  );
  const at = performance.now();
  const view: unknown = JSON.parse(body);
  return {
    status: Reflect.get(Object(view), 'status'),
    revision: Number(Reflect.get(Object(view), 'revision')),
    at,
  };
}
