import { expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess, ListenerSetup } from '../support/listener-process.ts';
import { CREDENTIALS, startDynamo } from '../store/dynamo-place.ts';
import type { DynamoPlace } from '../store/dynamo-place.ts';
import { cardsOf, doorOf, press, shows } from './attack/door.ts';

const AUDIT = {
  key: 'sensitive-audit-key-of-at-least-32-characters',
  manifest: { file: '{dir}/m', every: '1s' },
};

async function withDynamo(use: (setup: ListenerSetup, dynamo: DynamoPlace) => Promise<void>): Promise<void> {
  const dynamo = await startDynamo();
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  const config = {
    store: { dynamodb: { requests: 'listener' } },
    aws: { region: 'eu-west-1', endpoint: dynamo.endpoint },
    audit: AUDIT,
  };
  try {
    await use({ env, config }, dynamo);
  } finally {
    await dynamo.end();
  }
}

/** Makes the table as an operator does. */
const migrated: ListenerSetup['before'] = async (verb) => {
  expect(await verb('list')).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[STORE_[A-Z]+\]/) });
  const { code, stdout, stderr } = await verb('migrate');
  expect([code, stdout.split('\n')[0], stderr]).toEqual([0, 'schema 0 → 1', '']);
  expect((await verb('migrate')).stdout).toContain('schema 1: nothing to do\n');
};

test('the verbs work on DynamoDB beside a running listener', () =>
  withDynamo((setup) =>
    withListenerProcess({ ...setup, before: migrated }, async (listener) => {
      const { slack, verb } = listener;
      const door = doorOf(listener, slack);
      const [first, second] = [await door.ask(), await door.ask({ title: 'Another' })];
      expect((await verb('list', '--status', 'open')).stdout).toContain(
        `approval/${second.id}  open  0 min ago  "Another"`,
      );
      expect(await verb('approve', first.id, '--as', 'dana', '--reason', 'Slack is down')).toMatchObject({
        code: 0,
      });
      await shows(slack, first.card, 'Approved by the operator dana: Slack is down');
      expect(await verb('withdraw', second.id, '--as', 'dana')).toMatchObject({ code: 0 });
      await shows(slack, second.card, 'Withdrawn');
      expect((await verb('show', second.id)).stdout).toContain('event: withdrawn');
      expect((await verb('retry', second.id)).stdout).toBe(`approval/${second.id}: nothing has failed\n`);
      expect(await verb('verify-audit')).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(/ 6 entries, \d+ manifests, 0 problems/),
      });
      expect((await verb('export')).stdout.trimEnd().split('\n')).toHaveLength(8);
      expect(await verb('backup', 'copy.db')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('backup is for SQLite [STORE_REFUSED]\n  hint: DynamoDB has its own'),
      });
    }),
  ));

test('a table that was brought back is marked, and what is in doubt is asked anew by whichever replica', () =>
  withDynamo((given) => {
    // Each process would have a manifest of its own.
    const setup = { ...given, config: { ...given.config, audit: { key: AUDIT.key } } };
    return withListenerProcess({ ...setup, before: migrated }, async (listener) => {
      const { slack, verb } = listener;
      const door = doorOf(listener, slack);
      const [open, unused] = [await door.ask(), await door.ask({ title: 'Another' })];
      await press(slack, unused.card, 'Approve');
      await door.becomes(unused.id, 'approved');
      expect(await verb('restore', 'backup.db')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          'restore FILE is for SQLite [STORE_REFUSED]\n  hint: bring the table back',
        ),
      });
      const marked = await verb('restore', '--mark');
      expect(marked).toMatchObject({ code: 0, stderr: expect.stringContaining('restart every listener') });
      await listener.stop();
      await withListenerProcess({ ...setup, args: ['--role', 'worker'], workspace: slack }, async () => {
        await slack.when(() => slack.count('chat.postMessage') >= 6);
      });
      await listener.start();
      for (const { id, card } of [open, unused]) {
        expect(await door.view(id)).toMatchObject({ status: 'requested', votes: 0 });
        const fresh = cardsOf(slack).find(
          ({ ts, blocks }) => ts !== card.ts && JSON.stringify(blocks).includes(`#${id.slice(0, 6)}`),
        );
        if (fresh === undefined) throw new Error('no new card');
        expect((await door.claim(id)).status).toBe(409);
        await press(slack, fresh, 'Approve');
        await door.becomes(id, 'approved');
        expect((await door.claim(id)).status).toBe(200);
      }
      expect(await verb('verify-audit')).toMatchObject({ code: 0 });
    });
  }));

test('verify-audit finds what was deleted from DynamoDB', () =>
  withDynamo((setup, dynamo) =>
    withListenerProcess({ ...setup, before: migrated }, async (listener) => {
      const { id } = await doorOf(listener, listener.slack).ask();
      await listener.stop();
      await remove(dynamo, `record#approval/${id}`, 'record');
      const { code, stdout } = await listener.verb('verify-audit');
      expect(code).toBe(1);
      expect(stdout).toContain(`approval/${id}: the record is missing, entries of it are left\n`);
    }),
  ));

test('intake takes clicks and runs nothing; worker runs what is due and takes nothing from Slack', () =>
  withDynamo((setup) =>
    withListenerProcess({ ...setup, before: migrated, args: ['--role', 'intake'] }, async (intake) => {
      const { slack } = intake;
      const { body } = await doorOf(intake, slack).open();
      const id = String(body['approval']);
      expect(slack.count('chat.postMessage')).toBe(0);
      expect(await intake.metrics()).not.toMatch(/^listener_effects_total\{/m);
      await withListenerProcess(
        { ...setup, args: ['--role', 'worker'], workspace: slack },
        async (worker) => {
          const card = await slack.when(() =>
            slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes(`#${id.slice(0, 6)}`)),
          );
          expect(await routeOf(worker, '/slack/interactions')).toBe(404);
          slack.setRequestUrl('listener', `${intake.url}/slack/interactions`);
          await press(slack, card, 'Approve');
          await shows(slack, card, 'Approved by');
          const drawn = 'listener_effects_total{kind="approval",name="card",outcome="done"} 2\n';
          await expect.poll(() => worker.metrics()).toContain(drawn);
          expect(await intake.metrics()).not.toMatch(/^listener_effects_total\{/m);
          expect(await intake.metrics()).toMatch(/^listener_approvals_total\{status="approved"\} 1$/m);
        },
      );
    }),
  ));

async function routeOf({ url }: ListenerProcess, path: string): Promise<number> {
  return (await fetch(url + path, { method: 'POST' })).status;
}

async function remove({ endpoint }: DynamoPlace, pk: string, sk: string): Promise<void> {
  const { DeleteItemCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials: CREDENTIALS });
  await client.send(new DeleteItemCommand({ TableName: 'listener', Key: { pk: { S: pk }, sk: { S: sk } } }));
  client.destroy();
}
