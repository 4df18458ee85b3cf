import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { quantile } from './compare.ts';
import { clickRequest, SIGNING_SECRET } from './listener/clicks.ts';
import { inFolder } from './listener/folder.ts';
import { allAtOnce, steadily } from './listener/load.ts';
import { startListener, startProgram } from './listener/program.ts';
import type { RunningProgram } from './listener/program.ts';
import { askedRequest, personOf, storeAll } from './listener/requests.ts';
import type { Asked } from './listener/requests.ts';
import { BOLT } from './paths.ts';
import { figureRow, rowOfRounds } from './result.ts';
import type { Row } from './result.ts';
import { startServers } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** Slack shows a warning to who clicked when it is not answered after so long. */
const SLACK_GIVES_UP_MS = 3000;
const CONNECTIONS = 64;
const PEOPLE = 500;
const ROUNDS = { all: 10, warmUp: 2, clicks: 1000 };

/** How fast signed clicks are acknowledged, each saved before: in an outage of Slack, and at rest. */
export async function benchAck(say: (line: string) => void): Promise<Row[]> {
  return [await outage(say), ...(await atRest(say))];
}

/**
 * Slack hangs, a look-up of people or groups takes a second, a thousand effects are due and as many run as may; then a hundred
 * clicks a second by as many people as clicks, for ten seconds.
 */
async function outage(say: (line: string) => void): Promise<Row> {
  const slack = startServers('quick-slack.ts');
  try {
    return await inFolder((dir) => clicksInOutage(slack, dir, say));
  } finally {
    slack.close();
  }
}

async function clicksInOutage(slack: ServerProcess, dir: string, say: (line: string) => void): Promise<Row> {
  const { origin, slackApi } = await slack.ask();
  const now = Date.now();
  const clicked = many(1000, (n) => askedRequest(n, { gate: `gate-${n % 20}`, now }));
  const due = many(1000, (n) => askedRequest(10_000 + n, { gate: 'other', now, cardIsDue: true }));
  await storeAll(join(dir, 'listener.db'), [...clicked, ...due]);
  const listener = await startListener({ dir, slackApi: String(slackApi) });
  slack.tell('hang');
  const db = new DatabaseSync(join(dir, 'listener.db'), { readOnly: true });
  try {
    const requests = clicked.map((asked, n) => clickRequest(asked, personOf(n), String(origin)));
    const isSaved = savedIn(db);
    let unsaved = 0;
    // Looked for the moment the acknowledgement is there, over a connection of its own.
    const answers = await steadily(listener.origin, requests, 100, (n) => {
      if (!isSaved(clicked[n], personOf(n), ['votes', 'inbox'])) unsaved += 1;
    });
    requireAll(answers);
    if (unsaved > 0) throw new Error(`${unsaved} clicks were acknowledged before they were saved`);
    const ms = answers.map((answer) => answer.ms);
    slack.tell('answer');
    await listener.quiet();
    const counted = clicked.filter((asked, n) => isSaved(asked, personOf(n), ['votes'])).length;
    say(
      `ack: ${ms.length} clicks in an outage, median ${quantile(ms, 0.5).toFixed(0)} ms, longest ${Math.max(...ms).toFixed(0)} ms; ${counted} votes counted once Slack was back`,
    );
    return figureRow({
      name: 'ack of a click while Slack hangs, p99',
      ours: quantile(ms, 0.99),
      peer: SLACK_GIVES_UP_MS,
      peerName: "Slack's own limit",
      unit: 'ms',
      target: { most: 500, of: 'ours' },
      spread: [quantile(ms, 0.25) / SLACK_GIVES_UP_MS, quantile(ms, 0.75) / SLACK_GIVES_UP_MS],
    });
  } finally {
    db.close();
    await listener.stop();
  }
}

/** Clicks over 64 connections, by people whom the listener knows: signature, parse, read, decide, one compare-and-set. */
async function atRest(say: (line: string) => void): Promise<Row[]> {
  const alike = await inFolder((dir) => againstBolt({ clicksAlone: true }, dir));
  const whole = await inFolder((dir) => againstBolt({ clicksAlone: false }, dir));
  say(`ack: ${2 * ROUNDS.all * ROUNDS.clicks} votes are in the stores`);
  return [
    { ...alike, name: 'clicks acknowledged at rest', target: { least: 1 } },
    { ...whole, name: 'clicks at rest, card and line follow', target: {} },
  ];
}

async function againstBolt(wish: { readonly clicksAlone: boolean }, dir: string): Promise<Row> {
  const slack = startServers('quick-slack.ts');
  const { origin, slackApi } = await slack.ask();
  const now = Date.now();
  const asked = many(ROUNDS.all * ROUNDS.clicks, (n) => askedRequest(n, { gate: `gate-${n % 20}`, now }));
  await storeAll(join(dir, 'listener.db'), asked);
  storePlainly(join(dir, 'peer.db'), asked);
  const listener = await startListener({ dir, slackApi: String(slackApi), ...wish });
  const bolt = [
    BOLT,
    String(slackApi),
    SIGNING_SECRET,
    join(dir, 'peer.db'),
    ...(wish.clicksAlone ? [] : ['tells']),
  ];
  const peer = await startProgram(bolt, {}, [/port (\d+)/]);
  try {
    const row = await inTurns(listener, peer, asked, String(origin));
    for (const file of ['listener.db', 'peer.db']) requireVotes(join(dir, file), asked);
    return row;
  } finally {
    await Promise.all([listener.stop(), peer.stop()]);
    slack.close();
  }
}

/** Round by round the same clicks to both, each round with the effects that follow at an end. */
async function inTurns(
  listener: RunningProgram,
  peer: RunningProgram,
  asked: readonly Asked[],
  slackOrigin: string,
): Promise<Row> {
  const speeds: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  const cpu = { ours: 0, peer: 0 };
  for (let round = 0; round < ROUNDS.all; round++) {
    const clicked = asked.slice(round * ROUNDS.clicks, (round + 1) * ROUNDS.clicks);
    for (const who of round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const server = who === 'ours' ? listener : peer;
      const requests = clicked.map((each, n) => clickRequest(each, personOf(n % PEOPLE), slackOrigin));
      const before = server.cpuMs();
      const { perSecond, answers } = await allAtOnce(server.origin, requests, CONNECTIONS);
      requireAll(answers);
      await server.quiet();
      if (round < ROUNDS.warmUp) continue;
      speeds[who].push(perSecond);
      cpu[who] += server.cpuMs() - before;
    }
  }
  const row = rowOfRounds(speeds, {
    name: '',
    peerName: 'Bolt, HTTPReceiver',
    unit: 'clicks/s',
    target: {},
  });
  return { ...row, cpuRatio: cpu.ours / cpu.peer };
}

function storePlainly(path: string, asked: readonly Asked[]): void {
  const db = new DatabaseSync(path);
  db.exec('create table record (id text primary key, version integer not null, body text not null); begin');
  const insert = db.prepare('insert into record values (?, ?, ?)');
  for (const { record } of asked) insert.run(record.id, record.version, JSON.stringify(record));
  db.exec('commit');
  db.close();
}

function requireVotes(path: string, asked: readonly Asked[]): void {
  const db = new DatabaseSync(path, { readOnly: true });
  const isSaved = savedIn(db);
  const who = (n: number) => personOf((n % ROUNDS.clicks) % PEOPLE);
  const lost = asked.filter((each, n) => !isSaved(each, who(n), ['votes'])).length;
  db.close();
  if (lost > 0) throw new Error(`${path}: ${lost} acknowledged votes are not there`);
}

/** Whether a person's click stands in one of these lists of the record, as another connection sees it. */
function savedIn(db: DatabaseSync) {
  const read = db.prepare('select body from record where id = ?');
  return (asked: Asked | undefined, user: string, lists: readonly string[]): boolean => {
    const body: unknown = JSON.parse(String(read.get(asked?.record.id ?? '')?.['body']));
    const data: unknown = Reflect.get(Object(body), 'data');
    return lists.some((list) => JSON.stringify(Reflect.get(Object(data), list)).includes(`"${user}"`));
  };
}

function requireAll(answers: readonly { readonly status: number }[]): void {
  const bad = answers.filter(({ status }) => status !== 200);
  if (bad.length > 0) throw new Error(`${bad.length} clicks were answered with ${bad[0]?.status}`);
}

function many<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
