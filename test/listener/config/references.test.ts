import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOT_TOKEN, configOf, problemsOf, SIGNING_SECRET, TOKEN, withConfig } from './load.ts';
import type { LoadedFile } from './load.ts';

const FROM_FILE = `
slack:
  bot_token: \${file:bot-token}
  signing_secret: [ "\${file:{dir}/signing}" ]
`;
const FILES = { 'bot-token': `${BOT_TOKEN}\n`, signing: SIGNING_SECRET };

const botToken = ({ config }: LoadedFile) => config.slack?.botToken.reveal();

describe('a reference', () => {
  test('to the environment is the value of the variable', async () => {
    const text = 'slack: { bot_token: "${BOT}", signing_secret: "${SIGNING}" }';
    const config = await configOf(text, { env: { BOT: BOT_TOKEN, SIGNING: SIGNING_SECRET } });
    expect(config.slack?.botToken.reveal()).toBe(BOT_TOKEN);
    expect(config.slack?.signingSecrets.map((secret) => secret.reveal())).toEqual([SIGNING_SECRET]);
  });

  test('is read as a number or a truth where one is asked for', async () => {
    const text =
      'server: { port: "${P}" }\nslack: { bot_token: a, signing_secret: "${S}", custom_api: "${C}" }';
    const config = await configOf(text, { env: { P: '1234', S: SIGNING_SECRET, C: 'true' } });
    expect(config.server.port).toBe(1234);
  });

  test('to a file is its content without the line break, also beside the configuration', () =>
    withConfig(
      FROM_FILE,
      ({ config }) => {
        expect(config.slack?.botToken.reveal()).toBe(BOT_TOKEN);
        expect(config.slack?.signingSecrets[0]?.reveal()).toBe(SIGNING_SECRET);
      },
      { files: FILES },
    ));

  test('stands wherever a value does', async () => {
    const config = await configOf('store: { sqlite: "${DB}" }', { env: { DB: '/data/x.db' } });
    expect(config.store).toEqual({ kind: 'sqlite', path: '/data/x.db' });
  });

  test('is a plain text after $$', async () => {
    const config = await configOf('store: { sqlite: "$${DB}" }');
    expect(config.store).toEqual({ kind: 'sqlite', path: '${DB}' });
  });

  test('is none in the value schema and the body of an action', async () => {
    const config = await configOf(`
slack: { bot_token: a, signing_secret: ${SIGNING_SECRET} }
gateway: { url: "https://abc.execute-api.eu-west-1.amazonaws.com/prod" }
actions: { deploy: { allow: [S1A], call: { path: /a, body: { shell: "\${HOME}" } } } }
`);
    expect(config.actions.get('deploy')?.call.body).toEqual({ shell: '${HOME}' });
  });

  test.each([
    ['an unset variable', '"${NOPE}"', 'store.sqlite: the environment variable NOPE is not set'],
    ['an empty variable', '"${EMPTY}"', 'store.sqlite: the environment variable EMPTY is empty'],
    ['a missing file', '"${file:/nope/nope}"', 'store.sqlite: the file /nope/nope cannot be read: ENOENT'],
    ['a folder', '"${file:{dir}}"', 'cannot be read: EISDIR'],
    ['a part of a longer text', '"/data/${DB}"', 'store.sqlite: holds a reference inside a longer text'],
    ['an unknown kind', '"${vault:x}"', 'store.sqlite: has an unknown kind of reference, vault'],
    ['no name', '"${file:}"', 'store.sqlite: names nothing after file:'],
    ['an odd name', '"${a b}"', 'store.sqlite: is no reference: write ${NAME}'],
  ])('to %s is refused by path', async (_what, value, line) => {
    const problems = await problemsOf(`store: { sqlite: ${value} }`, { env: { EMPTY: '' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
  });
});

describe('a file behind a secret', () => {
  test('is read again when it has changed, at most once a second', () =>
    withConfig(
      FROM_FILE,
      async (loaded) => {
        await writeFile(join(loaded.dir, 'bot-token'), 'xoxb-sensitive-another');
        expect(botToken(loaded)).toBe(BOT_TOKEN);
        loaded.pass(1000);
        expect(botToken(loaded)).toBe('xoxb-sensitive-another');
        expect(loaded.redactor.redact('it is xoxb-sensitive-another')).not.toContain('another');
      },
      { files: FILES },
    ));

  test('is followed when it is replaced as a whole, as Kubernetes does', () =>
    withConfig(
      FROM_FILE,
      async (loaded) => {
        await writeFile(join(loaded.dir, 'next'), 'xoxb-sensitive-replaced');
        await rename(join(loaded.dir, 'next'), join(loaded.dir, 'bot-token'));
        loaded.pass(1000);
        expect(botToken(loaded)).toBe('xoxb-sensitive-replaced');
      },
      { files: FILES },
    ));

  test.each([
    ['empty', '', 'is empty'],
    ['of two lines', 'one\ntwo', 'holds a line break'],
    ['of another kind', 'xapp-1', 'is an app-level token'],
  ])('keeps its last good value while it is %s, and says so once', (_what, content, reason) =>
    withConfig(
      FROM_FILE,
      async (loaded) => {
        await writeFile(join(loaded.dir, 'bot-token'), content);
        for (let look = 0; look < 3; look++) {
          loaded.pass(1000);
          expect(botToken(loaded)).toBe(BOT_TOKEN);
        }
        expect(loaded.warnings).toEqual([expect.stringContaining(reason)]);
        expect(loaded.warnings[0]).toContain('slack.bot_token: the new value');
        expect(loaded.staleCount()).toBe(1);
      },
      { files: FILES },
    ),
  );

  test('keeps its last good value while it is gone, and takes the next', () =>
    withConfig(
      FROM_FILE,
      async (loaded) => {
        const path = join(loaded.dir, 'bot-token');
        await rm(path);
        for (let look = 0; look < 3; look++) {
          loaded.pass(1000);
          expect(botToken(loaded)).toBe(BOT_TOKEN);
        }
        expect(loaded.warnings).toEqual([expect.stringContaining('ENOENT')]);
        await writeFile(path, 'xoxb-sensitive-back');
        loaded.pass(1000);
        expect(botToken(loaded)).toBe('xoxb-sensitive-back');
      },
      { files: FILES },
    ));

  test('is looked at at once when its value was refused', () =>
    withConfig(
      FROM_FILE,
      async (loaded) => {
        await expect(loaded.config.slack?.botToken.renew()).resolves.toBe(false);
        await writeFile(join(loaded.dir, 'bot-token'), 'xoxb-sensitive-renewed');
        await expect(loaded.config.slack?.botToken.renew()).resolves.toBe(true);
        expect(botToken(loaded)).toBe('xoxb-sensitive-renewed');
      },
      { files: FILES },
    ));

  test('changes the hash of a token with it', () =>
    withConfig(
      'tokens: [{ name: a, token: "${file:token}", may: [open] }]',
      async ({ config, dir, pass }) => {
        const [token] = config.tokens;
        const before = token?.hashes()[0]?.toString('hex');
        await writeFile(join(dir, 'token'), 'sensitive-listener-token-0002');
        pass(1000);
        expect(token?.hashes()[0]?.toString('hex')).not.toBe(before);
      },
      { files: { token: TOKEN } },
    ));
});

describe('the environment', () => {
  test('stands for keys that the file does not name', async () => {
    const config = await configOf('', {
      env: {
        SLACK_BOT_TOKEN: BOT_TOKEN,
        SLACK_SIGNING_SECRET: SIGNING_SECRET,
        SLACK_APP_TOKEN: 'xapp-sensitive',
        AWS_REGION: 'eu-west-1',
        API_GATEWAY_URL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
        DYNAMODB_TABLE_REQUESTS: 'requests',
        DYNAMODB_TABLE_PROJECTS: 'projects',
        PORT: '9090',
      },
    });
    expect(config).toMatchObject({
      server: { port: 9090 },
      store: { kind: 'dynamodb', requests: 'requests', projects: 'projects' },
      aws: { region: 'eu-west-1' },
      gateway: { url: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' },
    });
    expect(config.slack?.appToken?.reveal()).toBe('xapp-sensitive');
  });

  test('never overrules the file', async () => {
    const env = { PORT: '9090', DYNAMODB_TABLE_REQUESTS: 'requests' };
    const config = await configOf('server: { port: 1 }\nstore: { sqlite: a.db }', { env });
    expect(config).toMatchObject({ server: { port: 1 }, store: { kind: 'sqlite', path: 'a.db' } });
  });

  test('makes no Slack section out of a signing secret alone, and nothing out of empty variables', async () => {
    const env = { SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN: '', PORT: '' };
    const config = await configOf('', { env });
    expect(config.slack).toBeUndefined();
    expect(config.server.port).toBe(8080);
  });

  test('is checked like the file', async () => {
    expect(await problemsOf('', { env: { PORT: 'http' } })).toEqual([
      'server.port: must be a whole number, is a string',
    ]);
  });
});
