import { expect, test } from 'vitest';
import { warnOfSignatures } from '../../src/listener/warn-of-signatures.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import { doorOf, press } from './attack/door.ts';

const WRONG = 'sensitive-secret-of-some-other-app-0123';
const LINE =
  /"level":"warn","msg":"a request to an address of Slack was signed with none of our signing secrets:/g;

test('whose signing secret is wrong reads one line with the remedy, and neither secret nor signature', async () => {
  const workspace = await startFakeSlack();
  const { token, signingSecret } = workspace.apps.listener;
  const slack = { bot_token: token, signing_secret: WRONG, api_url: workspace.apiUrl };
  try {
    await withListenerProcess({ workspace, config: { slack } }, async (listener) => {
      const { card } = await doorOf(listener, workspace).ask();
      for (let clicks = 0; clicks < 3; clicks++)
        expect((await press(workspace, card, 'Approve')).status).toBe(401);
      expect(await listener.metrics()).toContain(
        'listener_slack_refused_total{reason="wrong_signature"} 3\n',
      );
      const log = listener.log();
      expect(log.match(LINE)).toHaveLength(1);
      expect(log).toContain('slack.signing_secret');
      for (const secret of [WRONG, signingSecret, 'v0=']) expect(log).not.toContain(secret);
    });
  } finally {
    await workspace.close();
  }
});

test('the line comes again after a minute, and for nothing but a wrong signature', () => {
  let now = 0;
  const lines: string[] = [];
  const log = { info: () => undefined, warn: (line: string) => void lines.push(line) };
  const warn = warnOfSignatures(log, { now: () => now });
  const refused = (reason: string) => warn({ kind: 'refused', at: '/slack/interactions', reason });
  refused('no_timestamp');
  expect(lines).toHaveLength(0);
  for (now of [1000, 2000, 60_999]) refused('wrong_signature');
  expect(lines).toHaveLength(1);
  now = 61_000;
  refused('wrong_signature');
  expect(lines).toHaveLength(2);
});
