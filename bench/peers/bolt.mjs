// A Bolt app that does for a click what the listener must have done before it acknowledges, as one would write it: Bolt checks
// the signature and parses; the handler reads the record, decides, and saves by one compare-and-set with synchronous=FULL.
// With `tells` it then tells the channel, as the listener does: the card anew, and a line in its thread.
// node bolt.mjs <slack api url> <signing secret> [<database> [tells]]; says its port on stdout.
import { DatabaseSync } from 'node:sqlite';
import bolt from '@slack/bolt';

const [, , slackApiUrl, signingSecret, path = ':memory:', tells] = process.argv;
const db = new DatabaseSync(path);
db.exec('pragma journal_mode = wal; pragma synchronous = full');
db.exec(
  'create table if not exists record (id text primary key, version integer not null, body text not null)',
);
const read = db.prepare('select body from record where id = ?');
const write = db.prepare('update record set version = ?, body = ? where id = ? and version = ?');

const app = new bolt.App({
  token: 'xoxb-not-a-token',
  signingSecret,
  endpoints: '/slack/interactions',
  logLevel: bolt.LogLevel.ERROR,
  clientOptions: { slackApiUrl },
});

app.action('approval:approve', async ({ ack, action, body, client }) => {
  const [id, nonce] = action.value.split('.');
  const row = read.get(`approval/${id}`);
  const record = row && JSON.parse(row.body);
  const { data } = record ?? {};
  if (data?.nonce !== nonce || record.status !== 'open') return ack();
  if (data.card.channel !== body.channel.id || data.card.ts !== body.message.ts) return ack();
  const now = Date.now();
  const vote = {
    user: body.user.id,
    name: body.user.name,
    vote: 'approve',
    at: now,
    actionTs: action.action_ts,
  };
  data.votes = [...data.votes.filter(({ user }) => user !== vote.user), vote];
  if (data.votes.length >= data.terms.quorum) {
    record.status = 'approved';
    data.decision = { at: now, by: data.votes.map(({ user, name }) => ({ user, name })) };
  }
  const next = { ...record, version: record.version + 1, updatedAt: now };
  const { changes } = write.run(next.version, JSON.stringify(next), record.id, record.version);
  if (changes !== 1) return;
  await ack();
  if (tells === undefined) return;
  const { channel, ts } = data.card;
  const text = `Approved by <@${vote.user}>`;
  const section = (words) => ({ type: 'section', text: { type: 'mrkdwn', text: words } });
  const blocks = [section(`*${data.terms.title}*`), section(data.terms.details), section(text)];
  await client.chat.update({ channel, ts, text, blocks });
  await client.chat.postMessage({ channel, thread_ts: ts, text });
});

const server = await app.start({ port: 0, host: '127.0.0.1' });
process.stdout.write(`port ${server.address().port}\n`);
