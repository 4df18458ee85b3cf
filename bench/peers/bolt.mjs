// A Bolt app that does for a click what the listener must have done before it acknowledges, as one would write it: Bolt checks
// the signature and parses; the handler reads the record, decides, and saves by one compare-and-set with synchronous=FULL.
// node bolt.mjs <slack api url> <signing secret> [<database>]; says its port on stdout.
import { DatabaseSync } from 'node:sqlite';
import bolt from '@slack/bolt';

const [, , slackApiUrl, signingSecret, path = ':memory:'] = process.argv;
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

app.action('approval:approve', async ({ ack, action, body }) => {
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
  if (changes === 1) await ack();
});

const server = await app.start({ port: 0, host: '127.0.0.1' });
process.stdout.write(`port ${server.address().port}\n`);
