import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withListenerProcess } from '../../support/listener-process.ts';
import type { ListenerProcess } from '../../support/listener-process.ts';
import { linksIn, withWorld } from '../../support/world.ts';
import type { World } from '../../support/world.ts';
import { BOB, cardOf, cardsOf, doorOf, press, shows, step } from './door.ts';

// Every secret of these tests has the word in it, so that none is forgotten here.
const SECRET = /sensitive/gi;
const SIGNED = /X-Amz-(?:Signature|Credential|Security-Token)=(?!\*\*\*)[^&\s"'<>|]+/gi;

const config: Record<string, unknown> = {
  log: { level: 'debug' },
  audit: { key: 'sensitive-audit-key-of-at-least-32-characters' },
  // Nobody listens there: each poke fails with the address it tried.
  concourse: {
    url: 'http://127.0.0.1:9',
    webhooks: [
      { gate: 'release', team: 'main', pipeline: 'app', resource: 'gate', token: 'sensitive-webhook-token' },
    ],
  },
  gateway: {
    url: 'http://127.0.0.1:9/prod',
    auth: 'none',
    headers: { 'x-api-key': 'sensitive-key-of-the-gateway' },
  },
  actions: {
    deploy: {
      allow: [BOB],
      call: { path: '/deploy', headers: { authorization: 'sensitive-header-of-a-call' } },
    },
  },
};

/** What a listener, its steps and its people have said and kept, by where it was found. */
type Said = Record<string, string>;

async function live(listener: ListenerProcess, world: World): Promise<Said> {
  const { slack } = listener;
  const { token, signingSecret } = slack.apps.listener;
  config['slack'] = {
    bot_token: token,
    signing_secret: signingSecret,
    api_url: slack.apiUrl,
    pipeline_app: { app_id: slack.apps.pipelines.id, signing_secret: slack.apps.pipelines.signingSecret },
  };
  await listener.stop();
  await listener.start();
  const door = doorOf(listener, slack);
  const said: Said = {};
  const note = (name: string, { stdout, stderr }: { stdout: string; stderr: string }) =>
    void (said[name] = stdout + stderr);

  // A put with presigned links that waits, a late click, a form, a denial, a wrong token, and Slack away in between.
  world.aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
  const { aws, s3, prefix } = world.source();
  const artifacts = [{ key: 'report.pdf', title: 'Report', as: 'link' }];
  const params = { approval: { gate: 'release', title: 'Ship?', context: { version: '1' } }, artifacts };
  const put = step(listener, { source: { aws, s3, prefix }, params });
  await slack.when(() => cardsOf(slack).length === 1);
  const id = idIn(cardsOf(slack)[0]?.blocks);
  await expect.poll(() => door.view(id)).toHaveProperty('permalink');
  const card = cardOf(slack, id);
  const seen = slack.look(card.channel, card.ts);
  expect(linksIn(seen.blocks).join()).toContain('X-Amz-Signature=');
  slack.fault('chat.update', { http: 500 }, 2);
  await press(slack, card, 'Approve');
  note('put', await put);
  const late = await press(slack, card, 'Deny', { seen, by: BOB });
  await slack.when(() => late.ephemerals.length > 0);
  await shows(slack, card, 'Approved by');

  const denied = await door.ask({ title: 'Deny me' });
  const clicked = await press(slack, denied.card, 'Deny');
  await slack.submit(await slack.when(() => clicked.modal), { values: { reason: 'no' } });
  await door.becomes(denied.id, 'denied');

  const other = { url: listener.url, token: 'sensitive-token-that-is-none' };
  note('put refused', await step(other, { params }));
  const away = { ...other, url: 'http://127.0.0.1:9' };
  note('check without a listener', await step(away, { step: 'check', source: { gate: 'release' } }));
  note(
    'claim',
    await step(listener, {
      params: { claim: 'gate', gate: 'release' },
      files: { 'gate/version.json': JSON.stringify({ approval: id, status: 'approved' }) },
    }),
  );
  note('check', await step(listener, { step: 'check', source: { gate: 'release' } }));
  note('get', await step(listener, { step: 'in', version: { approval: id, status: 'approved' } }));
  await fetch(`${listener.url}/v1/approvals/${id}?token=${other.token}`, {
    headers: { authorization: `Bearer ${other.token}` },
  });
  await fetch(`${listener.url}/v1/approvals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${listener.token}` },
    body: `{"title":"${token}"}`,
  });

  const verbs = [
    ['list'],
    ['list', '--kind', 'gate'],
    ['show', id],
    ['show', denied.id],
    ['show', 'gate/release'],
    ['export'],
    ['check-config'],
    ['retry', id],
  ];
  await Promise.all(verbs.map(async (args) => note(args.join(' '), await listener.verb(...args))));
  said['metrics'] = await listener.metrics();
  said['log'] = listener.log();
  said['response URLs'] = slack.calls
    .filter(({ method }) => method === 'response_url')
    .map((call) => JSON.stringify(call))
    .join('\n');
  said['people'] = JSON.stringify([slack.ephemerals(), slack.views()]);
  said['thread'] = JSON.stringify(slack.messages().filter(({ thread_ts: thread }) => thread !== undefined));
  said['cards'] = JSON.stringify(cardsOf(slack));
  for (const file of await readdir(listener.dir))
    if (file !== 'listener.json')
      said[`file ${file}`] = (await readFile(join(listener.dir, file))).toString('latin1');
  return said;
}

test('no secret of the configuration, of a step or of Slack is said or kept anywhere (A36, P28)', () =>
  withWorld((world) =>
    withListenerProcess({ config }, async (listener) => {
      const said = await live(listener, world);
      expect(Object.keys(said)).toContain('file listener.db');
      // A presigned link names its key, and stands on the card and in the record: that is what it is for.
      const linked = new Set(['cards', 'file listener.db', 'file listener.db-wal']);
      for (const [where, text] of Object.entries(said)) {
        const rest = linked.has(where) ? text.replaceAll(/https?:[^\s"|>]*X-Amz-[^\s"|>]*/g, '') : text;
        expect([where, rest.match(SECRET) ?? []]).toEqual([where, []]);
        expect([where, linked.has(where) ? [] : (text.match(SIGNED) ?? [])]).toEqual([where, []]);
      }
      expect(said['cards']).toMatch(SIGNED);
      expect(said['check-config']).toContain('***');
      // What was looked at has something to hide.
      expect(said['log'] ?? '').toContain('webhook failed (1)');
      expect(said['put'] ?? '').toContain('approved by alice');
      expect(said['claim'] ?? '').toContain('"version"');
    }),
  ));

test('an address that answers one person is told to nobody, and not kept once it was used (S34)', () =>
  withListenerProcess({ config: { log: { level: 'debug' } } }, async (listener) => {
    const { slack } = listener;
    const door = doorOf(listener, slack);
    const { id, card } = await door.ask({ quorum: 2 });
    const urls: string[] = [];
    // While Slack does not say who they are, clicks wait in the record with their addresses.
    slack.fault('users.info', 'hang', 2);
    for (const by of ['U0ALICE0001', 'U0NOBODY001', BOB]) {
      const { responseUrl } = await press(slack, card, 'Approve', { by, actor: { username: by } });
      urls.push(responseUrl.split('/').at(-1) ?? '');
    }
    slack.release();
    await door.becomes(id, 'approved');
    await shows(slack, card, 'Approved by');
    const said = [listener.log(), await listener.metrics()];
    for (const args of [['show', id], ['list'], ['export']]) said.push((await listener.verb(...args)).stdout);
    said.push(JSON.stringify(slack.messages()), JSON.stringify(await door.view(id)));
    for (const url of urls) expect(said.join('\n')).not.toContain(url);
  }));

function idIn(blocks: unknown): string {
  return /"value":"([0-9a-f]{24})\./.exec(JSON.stringify(blocks))?.[1] ?? '';
}
