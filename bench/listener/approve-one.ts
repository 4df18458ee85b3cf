import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../server-process.ts';
import { clickRequest, rawRequest } from './clicks.ts';
import { openLine } from './load.ts';
import type { Line } from './load.ts';
import { TOKEN } from './program.ts';
import type { RunningProgram } from './program.ts';
import { CHANNEL, personOf } from './requests.ts';
import type { Card } from './requests.ts';

const ORIGIN = { team: 'main', pipeline: 'app', job: 'release', build_id: '4711', build_name: '41' };

/** Asks for an approval as a put does, and resolves when its card is in the channel. */
export async function askOne(line: Line, slack: ServerProcess, more: object = {}): Promise<Card> {
  const { approval } = await call(line, 'POST', '/v1/approvals', {
    gate: 'release',
    key: 'main/app/release/4711',
    title: 'Ship 1.2.3 to production?',
    context: { version: '1.2.3' },
    channel: CHANNEL,
    wait: true,
    origin: ORIGIN,
    ...more,
  });
  for (;;) {
    // Asked in this order: Slack still holds the card of an earlier listener, whose request had the same id.
    const { channel } = await call(line, 'GET', `/v1/approvals/${String(approval)}`);
    const { cardValue, cardTs } = await slack.ask();
    if (channel !== undefined && String(cardValue).startsWith(`${String(approval)}.`))
      return { value: String(cardValue), ts: String(cardTs) };
    await sleep(20);
  }
}

/** The `n`th person clicks Approve. */
export async function clickOne(line: Line, card: Card, n: number, slack: ServerProcess): Promise<void> {
  const { origin } = await slack.ask();
  const { status } = await line.send(clickRequest(card, personOf(n), String(origin)));
  if (status !== 200) throw new Error(`a click was answered with ${status}`);
}

/** An approval from the request to the decision. */
export async function approveOne(listener: RunningProgram, slack: ServerProcess): Promise<void> {
  const line = await openLine(listener.origin);
  const posted = await askOne(line, slack);
  await clickOne(line, posted, 1, slack);
  const { status } = await call(line, 'GET', `/v1/approvals/${posted.value.split('.')[0]}?wait=5&seen=-1`);
  line.close();
  if (status !== 'approved') throw new Error(`the approval is ${String(status)}`);
}

async function call(
  line: Line,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    host: '127.0.0.1',
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  };
  const answer = await line.send(rawRequest(method, path, headers, text));
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return { ...Object(JSON.parse(answer.body)) };
}
