import { describe, expect, test } from 'vitest';
import { startFakeSecrets } from '../../fakes/secrets/fake-secrets.ts';
import type { FakeSecrets } from '../../fakes/secrets/fake-secrets.ts';
import { BASE, withListener } from '../../support/listener.ts';
import { BOT_TOKEN, problemsOf, SIGNING_SECRET, withConfig } from './load.ts';
import type { LoadedFile } from './load.ts';

const KEYS = { accessKeyId: 'AKIASENSITIVE0000001', secretAccessKey: 'sensitive-secret-access-key' };
const MINUTE = 60_000;

// The SDK looks for its identity in the environment of the process, which a test of a process sets.
async function withSecrets(use: (aws: FakeSecrets) => Promise<void>): Promise<void> {
  const aws = await startFakeSecrets(KEYS);
  aws.secrets.set('slack/bot', BOT_TOKEN);
  aws.secrets.set('slack/app', JSON.stringify({ signing: SIGNING_SECRET, other: 1 }));
  aws.secrets.set('binary', Buffer.from('bytes'));
  aws.parameters.set('/slack/signing', SIGNING_SECRET);
  aws.parameters.set('/audit', 'sensitive-audit-key-sensitive-audit-key');
  process.env['AWS_ACCESS_KEY_ID'] = KEYS.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = KEYS.secretAccessKey;
  try {
    await use(aws);
    aws.expectNoUnknown();
  } finally {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await aws.close();
  }
}

const fileFor = (aws: FakeSecrets, bot: string, signing: string) => `
aws: { region: eu-west-1, endpoint: "${aws.url}" }
slack: { bot_token: "\${${bot}}", signing_secret: "\${${signing}}" }
`;
const botToken = ({ config }: LoadedFile) => config.slack?.botToken.reveal();

describe('a reference to AWS', () => {
  test.each([
    ['a secret by name and a parameter', 'secretsmanager:slack/bot', 'ssm:/slack/signing'],
    [
      'a secret by ARN and one key of a JSON secret',
      'secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack/bot-AbCdEf',
      'secretsmanager:slack/app#signing',
    ],
  ])('reads %s', (_what, bot, signing) =>
    withSecrets((aws) =>
      withConfig(fileFor(aws, bot, signing), (loaded) => {
        expect(botToken(loaded)).toBe(BOT_TOKEN);
        expect(loaded.config.slack?.signingSecrets[0]?.reveal()).toBe(SIGNING_SECRET);
        expect(loaded.redactor.redact(`${BOT_TOKEN} ${SIGNING_SECRET}`)).not.toContain('sensitive');
      }),
    ),
  );

  test('that leads nowhere is told by path and code, all at once', () =>
    withSecrets(async (aws) => {
      expect(await problemsOf(fileFor(aws, 'secretsmanager:nope', 'ssm:/nope'))).toEqual([
        'slack.bot_token: the secret nope of Secrets Manager cannot be read: ResourceNotFoundException',
        'slack.signing_secret: the parameter /nope of Parameter Store cannot be read: ParameterNotFound',
      ]);
      expect(
        await problemsOf(fileFor(aws, 'secretsmanager:binary', 'secretsmanager:slack/app#other')),
      ).toEqual([
        'slack.bot_token: the secret binary of Secrets Manager cannot be read: it holds bytes, not text',
        'slack.signing_secret: the secret slack/app#other of Secrets Manager cannot be read: it is not JSON with a text at other',
      ]);
    }));

  test('is refused with the code when AWS does not know who asks', () =>
    withSecrets(async (aws) => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'sensitive-wrong-key';
      const problems = await problemsOf(fileFor(aws, 'secretsmanager:slack/bot', 'ssm:/slack/signing'));
      expect(problems.every((line) => line.endsWith('InvalidSignatureException'))).toBe(true);
      expect(problems.join()).not.toContain('sensitive');
    }));

  test('is not asked again while it is younger than five minutes, and then in the background', () =>
    withSecrets((aws) =>
      withConfig(fileFor(aws, 'secretsmanager:slack/bot', 'ssm:/slack/signing'), async (loaded) => {
        aws.secrets.set('slack/bot', 'xoxb-sensitive-rotated');
        loaded.pass(5 * MINUTE - 1);
        expect(botToken(loaded)).toBe(BOT_TOKEN);
        expect(aws.count()).toBe(2);
        loaded.pass(1);
        expect(botToken(loaded)).toBe(BOT_TOKEN);
        await expect.poll(() => botToken(loaded)).toBe('xoxb-sensitive-rotated');
        expect(aws.count()).toBe(3);
        expect(loaded.redactor.redact('xoxb-sensitive-rotated')).not.toContain('rotated');
      }),
    ));

  test('is asked at once when its value was refused, but once a minute at most', () =>
    withSecrets((aws) =>
      withConfig(fileFor(aws, 'secretsmanager:slack/bot', 'ssm:/slack/signing'), async (loaded) => {
        const secret = loaded.config.slack?.botToken;
        expect(await secret?.renew()).toBe(false);
        expect(aws.count()).toBe(2);
        aws.secrets.set('slack/bot', 'xoxb-sensitive-rotated');
        loaded.pass(MINUTE);
        expect(await Promise.all([secret?.renew(), secret?.renew()])).toEqual([true, true]);
        expect(botToken(loaded)).toBe('xoxb-sensitive-rotated');
        expect(await secret?.renew()).toBe(false);
        expect(aws.count()).toBe(3);
      }),
    ));

  test.each([
    ['fails', (aws: FakeSecrets) => aws.fault('AccessDeniedException'), 'AccessDeniedException'],
    ['is empty', (aws: FakeSecrets) => void aws.secrets.set('slack/bot', ' '), 'holds a line break'],
    [
      'is of another kind',
      (aws: FakeSecrets) => void aws.secrets.set('slack/bot', 'xapp-1'),
      'app-level token',
    ],
  ])('keeps its last good value when the next one %s', (_what, harm, reason) =>
    withSecrets((aws) =>
      withConfig(fileFor(aws, 'secretsmanager:slack/bot', 'ssm:/slack/signing'), async (loaded) => {
        harm(aws);
        loaded.pass(MINUTE);
        expect(await loaded.config.slack?.botToken.renew()).toBe(false);
        expect(botToken(loaded)).toBe(BOT_TOKEN);
        expect(loaded.warnings).toEqual([expect.stringContaining(reason)]);
        expect(loaded.staleCount()).toBe(1);
      }),
    ),
  );
});

test('the listener as a process reads them with the bundled SDK', () =>
  withSecrets((aws) =>
    withListener(
      {
        config: `${BASE}aws: { region: eu-west-1, endpoint: "${aws.url}" }\naudit: { key: "\${ssm:/audit}" }\ntokens: [{ name: a, token: "\${secretsmanager:slack/bot}", may: [open] }]`,
        env: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
      },
      async ({ origin }) => {
        expect((await fetch(`${origin}/ready`)).status).toBe(200);
        expect(aws.calls.map(({ action }) => action).toSorted()).toEqual(['GetParameter', 'GetSecretValue']);
      },
    ),
  ));
