// Slack's Web API with as little work as can be, answering at once or, when it is told to hang, as an outage would have it:
// every method hangs, but look-ups of people and user groups answer after a second. It knows only what the bench asks.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';

const TEAM = 'T0TEAM00001';
const LOOKUP_MS = 1000;
let hangs = false;
let calls = 0;
let held: (() => void)[] = [];
let card = { value: '', ts: '' };
const members = Array.from({ length: 2000 }, (_, n) => `U0P${String(n).padStart(5, '0')}`);

const server = createServer({ keepAliveTimeout: 75_000 }, (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.once('end', () => {
    calls += 1;
    const method = req.url?.slice('/api/'.length) ?? '';
    const args = new URLSearchParams(Buffer.concat(chunks).toString());
    const answer = () => send(res, { ok: true, ...answerTo(method, args) });
    if (!hangs || method === 'auth.test') return answer();
    if (method === 'usergroups.users.list' || method === 'users.info')
      return void setTimeout(answer, LOOKUP_MS);
    held.push(answer);
  });
});
server.listen(0, '127.0.0.1', () => undefined);

process.on('message', (message) => {
  if (message === 'hang') hangs = true;
  if (message === 'answer') {
    hangs = false;
    for (const answer of held) answer();
    held = [];
  }
  if (message !== 'ask') return;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  process.send?.({ origin, slackApi: `${origin}/api/`, calls, cardValue: card.value, cardTs: card.ts });
});

function answerTo(method: string, args: URLSearchParams): Record<string, unknown> {
  const channel = args.get('channel') ?? '';
  switch (method) {
    case 'auth.test':
      return { team_id: TEAM, user_id: 'U0BOT000001', bot_id: 'B0BOT000001', app_id: 'A0LISTENER1' };
    case 'usergroups.users.list':
      return { users: members };
    case 'users.info':
      return { user: { id: args.get('user'), team_id: TEAM, name: 'somebody', profile: {} } };
    case 'chat.getPermalink':
      return { channel, permalink: 'https://example.slack.com/archives/C0RELEASES1/p1' };
    case 'chat.postMessage':
      return posted(channel, args.get('blocks') ?? '');
    default:
      return { channel, ts: args.get('ts'), messages: [] };
  }
}

// What a click on the newest card must say.
function posted(channel: string, blocks: string): Record<string, unknown> {
  const ts = `1700000000.${String(calls % 1_000_000).padStart(6, '0')}`;
  const value = /"value":"([0-9a-f]{24}\.[^"]+)"/.exec(blocks)?.[1];
  if (value !== undefined) card = { value, ts };
  return { channel, ts };
}

function send(res: ServerResponse, body: object): void {
  if (res.destroyed) return;
  const text = JSON.stringify(body);
  res
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
