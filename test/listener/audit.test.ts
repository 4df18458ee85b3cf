import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { startFakeAws } from '../fakes/aws/server.ts';
import { defaultKeys } from '../fakes/aws/sessions.ts';
import { until } from '../support/gate.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerProcess } from '../support/listener-process.ts';
import { doorOf } from './attack/door.ts';

const MANIFEST = { file: '{dir}/manifest.jsonl', every: '1s' };
const KEY = 'sensitive-audit-key-of-at-least-32-characters';

/** A store in which `id` was asked for and withdrawn: three entries, and a manifest that has them. */
interface History {
  readonly listener: ListenerProcess;
  readonly id: string;
  /** Changes a copy of the store by SQL, and verifies it. */
  readonly tampered: (
    ...sql: readonly string[]
  ) => Promise<{ code: number | null; problems: readonly string[] }>;
}

async function withHistory(
  use: (history: History) => Promise<void>,
  manifest?: typeof MANIFEST,
): Promise<void> {
  const audit = { key: KEY, ...(manifest && { manifest }) };
  await withListenerProcess({ config: { audit } }, async (listener) => {
    const door = doorOf(listener, listener.slack);
    const { id } = await door.ask();
    await door.ask();
    await listener.verb('withdraw', id, '--as', 'dana');
    if (manifest) await until(async () => (await headsIn(listener)).get(`approval/${id}`) === 3);
    await listener.stop();
    let copies = 0;
    const tampered: History['tampered'] = async (...sql) => {
      const own = join(listener.dir, `copy-${++copies}`);
      await copyFile(join(listener.dir, 'listener.db'), `${own}.db`);
      const db = new DatabaseSync(`${own}.db`);
      // An entry stays in its record for a minute after it was stored: what is deleted would still be there.
      db.exec(`update record set body = json_set(body, '$.audit.pending', json('[]'))`);
      for (const statement of sql) db.exec(statement);
      db.close();
      const config: unknown = JSON.parse(await readFile(join(listener.dir, 'listener.json'), 'utf8'));
      await writeFile(
        `${own}.json`,
        JSON.stringify({ ...(isRecord(config) && config), store: { sqlite: `${own}.db` } }),
      );
      const { code, stdout } = await listener.verb('verify-audit', '--config', `${own}.json`);
      return { code, problems: stdout.split('\n').slice(0, -1) };
    };
    await use({ listener, id: `approval/${id}`, tampered });
  });
}

async function headsIn({ dir }: ListenerProcess): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(join(dir, 'manifest.jsonl'), 'utf8').catch(() => '');
  const heads = text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .flatMap((line): [string, number, string][] => JSON.parse(line).heads);
  return new Map(heads.map(([id, seq]) => [id, seq]));
}

const otherHand = (id: string) => `${id}: its data was changed by something else than the listener`;

test('listener verify-audit finds nothing wrong beside a running listener', () =>
  withListenerProcess({}, async (listener) => {
    const door = doorOf(listener, listener.slack);
    const { id } = await door.ask();
    await listener.verb('withdraw', id, '--as', 'dana');
    const { code, stdout, stderr } = await listener.verb('verify-audit');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^listener: \d+ records, 3 entries, 0 problems\n$/);
  }));

describe('listener verify-audit', () => {
  test('names what was changed in the store', () =>
    withHistory(async ({ id, tampered }) => {
      const where = `where record = '${id}'`;
      const ofRecord = `where id = '${id}'`;
      expect(await tampered()).toEqual({ code: 0, problems: [] });
      expect(
        await tampered(
          `update audit set body = json_set(body, '$.entry.note', 'other') ${where} and seq = 3`,
        ),
      ).toEqual({ code: 1, problems: [`${id}: entry 3 was changed`] });
      expect(await tampered(`delete from audit ${where} and seq = 2`)).toEqual({
        code: 1,
        problems: [`${id}: entry 2 of 3 is missing`],
      });
      expect((await tampered(`delete from audit ${where} and seq = 3`)).problems).toContain(
        `${id}: entry 3 of 3 is missing`,
      );
      const cut = [
        `delete from audit ${where} and seq = 3`,
        `update record set body = json_set(body, '$.audit.seq', 2, '$.audit.head',
          (select mac from audit ${where} and seq = 2)) ${ofRecord}`,
      ];
      expect(await tampered(...cut)).toEqual({
        code: 1,
        problems: [`${id}: says withdrawn, its last entry says open`, otherHand(id)],
      });
      expect(
        await tampered(
          `update record set status = 'approved', body = json_set(body, '$.status', 'approved') ${ofRecord}`,
        ),
      ).toEqual({
        code: 1,
        problems: [`${id}: says approved, its last entry says withdrawn`, otherHand(id)],
      });
      expect(
        await tampered(`update record set body = json_set(body, '$.data.terms.quorum', 9) ${ofRecord}`),
      ).toEqual({ code: 1, problems: [otherHand(id)] });
      expect(
        await tampered(`update record set body = json_remove(body, '$.audit.seal') ${ofRecord}`),
      ).toEqual({
        code: 1,
        problems: [otherHand(id)],
      });
      expect(await tampered(`delete from record ${ofRecord}`)).toEqual({
        code: 1,
        problems: [`${id}: the record is missing, entries of it are left`],
      });
      expect((await tampered(`update audit set body = '{}' ${where} and seq = 1`)).problems).toEqual([
        expect.stringContaining(`${id}: the store is damaged`),
      ]);
    }));

  test('finds every entry wrong with another key, and refuses to make one up', () =>
    withHistory(async ({ listener, id }) => {
      const other = join(listener.dir, 'other.json');
      const config: unknown = JSON.parse(await readFile(join(listener.dir, 'listener.json'), 'utf8'));
      const given = isRecord(config) ? config : {};
      await writeFile(other, JSON.stringify({ ...given, audit: { key: KEY.toUpperCase() } }));
      const { code, stdout } = await listener.verb('verify-audit', '--config', other);
      expect(code).toBe(1);
      expect(stdout).toContain(`${id}: entry 1 was changed\n`);
      await writeFile(other, JSON.stringify({ ...given, audit: undefined }));
      const none = await listener.verb('verify-audit', '--config', other);
      expect(none).toMatchObject({ code: 1, stdout: '' });
      expect(none.stderr).toMatch(
        /the audit key cannot be read from .*listener\.db\.audit-key: ENOENT \[CONFIG_INVALID\]/,
      );
    }));
});

describe('a manifest in a file', () => {
  test('shows what is gone altogether, and what was set back', () =>
    withHistory(async ({ listener, id, tampered }) => {
      const file = join(listener.dir, 'manifest.jsonl');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await tampered()).toEqual({ code: 0, problems: [] });
      const whole = [`delete from record where id = '${id}'`, `delete from audit where record = '${id}'`];
      expect(await tampered(...whole)).toEqual({
        code: 1,
        problems: [`${id}: the record is missing, a manifest has it with 3 entries`],
      });
      const setBack = [
        `delete from audit where record = '${id}' and seq = 3`,
        `update record set status = 'open', body = json_set(body, '$.status', 'open', '$.audit.seq', 2,
          '$.audit.head', (select mac from audit where record = '${id}' and seq = 2)) where id = '${id}'`,
      ];
      expect(await tampered(...setBack)).toEqual({
        code: 1,
        problems: [otherHand(id), `${id}: ends at entry 2, a manifest has 3`],
      });
      const older = `update record set body = json_set(body, '$.data.n', 0) where id = 'audit-walk/all'`;
      expect((await tampered(older)).problems).toEqual([
        otherHand('audit-walk/all'),
        expect.stringMatching(/the store knows of 0: it is an older one/),
      ]);
    }, MANIFEST));

  test('is checked itself: lines that are missing, changed or foreign', () =>
    withHistory(async ({ listener, tampered }) => {
      const file = join(listener.dir, 'manifest.jsonl');
      await listener.start();
      await until(async () => linesOf(await readFile(file, 'utf8')).length >= 4);
      await listener.stop();
      const lines = linesOf(await readFile(file, 'utf8'));
      const last = lines.length;
      const verify = async (changed: readonly string[]) => {
        await writeFile(file, changed.map((line) => `${line}\n`).join('\n'));
        return (await tampered()).problems;
      };
      expect(await verify(lines)).toEqual([]);
      expect(await verify(lines.toSpliced(1, 1))).toEqual(['manifest 2 is missing']);
      expect(await verify(lines.slice(0, -1))).toEqual([`manifest ${last} is missing`]);
      expect(await verify([])).toEqual(['no manifest is there']);
      const changed = lines.map((line, at) => (at === 1 ? line.replace('"full":', '"empty":') : line));
      expect(await verify(changed)).toEqual([
        `1 of ${last} manifests are not signed with this key`,
        'manifest 2 is missing',
      ]);
    }, MANIFEST));
});

test('a manifest in a bucket with Object Lock is written by the identity of the listener, and verified from there', async () => {
  const aws = await startFakeAws({ locked: ['audit.example'] });
  const { s3 } = aws;
  const env = {
    AWS_ACCESS_KEY_ID: defaultKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: defaultKeys.secretAccessKey,
  };
  const config = {
    aws: { region: 'eu-west-1', endpoint: aws.url },
    audit: { key: KEY, manifest: { bucket: 'audit.example', prefix: 'audit/', every: '1s' } },
  };
  try {
    await withListenerProcess({ config, env }, async (listener) => {
      const door = doorOf(listener, listener.slack);
      const { id } = await door.ask();
      await until(() =>
        Promise.resolve(
          s3.calls.some(
            ({ key }) => s3.object('audit.example', key)?.body?.toString().includes(`${id}",2,`) === true,
          ),
        ),
      );
      const good = await listener.verb('verify-audit');
      expect(good).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(/, \d+ manifests, 0 problems/),
      });
      await listener.stop();
      const db = new DatabaseSync(join(listener.dir, 'listener.db'));
      db.exec(
        `delete from record where id = 'approval/${id}'; delete from audit where record = 'approval/${id}'`,
      );
      db.close();
      const { code, stdout } = await listener.verb('verify-audit', '--manifest', 's3://audit.example/audit/');
      expect([code, stdout]).toEqual([
        1,
        `approval/${id}: the record is missing, a manifest has it with 2 entries\n`,
      ]);
    });
    aws.expectNoUnknown();
  } finally {
    await aws.close();
  }
});

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
