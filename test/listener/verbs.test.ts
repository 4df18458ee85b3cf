import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { verbs } from '../../src/listener/verbs.ts';
import { readText, root } from '../support/markdown.ts';
import { until } from '../support/gate.ts';
import { withListenerProcess } from '../support/listener-process.ts';
import { CHANNEL, doorOf, press, shows, step, threadOf } from './attack/door.ts';
import { sharedListener } from './attack/shared-listener.ts';

const at = sharedListener({});
const short = (id: string) => `#${id.slice(0, 6)}`;

describe('listener list', () => {
  test('shows approvals, one a line, by status', async () => {
    const { listener, door } = at();
    const open = await door.ask({ title: 'Ship the list?' });
    const gone = await door.ask({ title: 'Never mind' });
    await listener.verb('withdraw', gone.id, '--as', 'ops');
    const all = await listener.verb('list');
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(new RegExp(`^approval/${open.id}  open  0 min ago  "Ship the list\\?"$`, 'm'));
    expect(all.stdout).toMatch(new RegExp(`^approval/${gone.id}  withdrawn  0 min ago  "Never mind"$`, 'm'));
    const { stdout, stderr } = await listener.verb('list', '--status', 'open');
    expect(stdout).toContain(open.id);
    expect(stdout).not.toContain(gone.id);
    expect(stderr).toBe(
      `listener: ${stdout.trim().split('\n').length} records\n`.replace('1 records', '1 record'),
    );
  });

  test('shows records of another kind', async () => {
    const { listener, door } = at();
    const { id } = await door.ask();
    await listener.verb('withdraw', id, '--as', 'ops');
    await expect
      .poll(async () => (await listener.verb('list', '--kind', 'gate')).stdout)
      .toMatch(/^gate\/release {2}/);
  });
});

describe('listener show', () => {
  test('tells state, what is to be done and the history, and no secret', async () => {
    const { listener, door } = at();
    const { id } = await door.ask({
      title: 'Ship it?',
      links: [{ title: 'notes', url: 'https://files.example/notes.html?X-Amz-Signature=sensitive-link' }],
    });
    const { code, stdout } = await listener.verb('show', short(id));
    expect(code).toBe(0);
    const shown: unknown = parse(stdout);
    expect(shown).toMatchObject({
      id: `approval/${id}`,
      status: 'open',
      data: { terms: { title: 'Ship it?', gate: 'release', token: 'ci-main' }, nonce: '***' },
      history: [
        { seq: 1, event: 'opened', status: 'open' },
        { seq: 2, event: 'card posted' },
      ],
    });
    expect(shown).toHaveProperty(
      'to_do',
      expect.arrayContaining([expect.objectContaining({ key: 'timeout' })]),
    );
    expect(stdout).toContain('https://files.example/notes.html?***');
    expect(stdout).not.toContain('sensitive');
  });

  test.each([
    ['the whole id', (id: string) => id],
    ['the id of the record', (id: string) => `approval/${id}`],
    ['the first letters as cards show them', short],
    ['the first letters of the record', (id: string) => `approval/${id.slice(0, 8)}`],
  ])('finds a record by %s', async (_what, nameOf) => {
    const { listener, door } = at();
    const { id } = await door.ask();
    expect((await listener.verb('show', nameOf(id))).stdout).toContain(`id: approval/${id}\n`);
  });
});

describe('listener withdraw', () => {
  test('ends an open request; the running listener tells it on the card, in the thread and to who waits', async () => {
    const { listener, door } = at();
    const { slack } = listener;
    const { id, card } = await door.ask();
    const waiting = door.poll(id, (await door.view(id))['revision']);
    const result = await listener.verb('withdraw', id, '--as', 'dana', '--reason', 'wrong <!channel> build');
    expect(result).toEqual({ code: 0, stdout: `approval/${id}: withdrawn\n`, stderr: '' });
    expect((await waiting).body).toMatchObject({
      status: 'withdrawn',
      note: 'by the operator dana: wrong <!channel> build',
    });
    const ended = await shows(slack, card, 'by the operator dana: wrong &lt;!channel&gt; build');
    expect(JSON.stringify(ended.blocks)).not.toContain('"button"');
    await slack.when(() => threadOf(slack, card).some((line) => line.includes('by the operator dana')));
  });

  test('takes back an approval that no build has used, and no other', async () => {
    const { listener, door } = at();
    const [unused, used] = [await door.ask(), await door.ask()];
    for (const { id, card } of [unused, used]) {
      await press(listener.slack, card, 'Approve');
      await door.becomes(id, 'approved');
    }
    expect((await door.claim(used.id)).status).toBe(200);
    expect(await listener.verb('withdraw', unused.id, '--as', 'dana')).toMatchObject({ code: 0 });
    expect((await door.claim(unused.id)).status).toBe(409);
    expect(await listener.verb('withdraw', used.id, '--as', 'dana')).toEqual({
      code: 1,
      stdout: '',
      stderr: `listener: approval/${used.id} is approved: it cannot be withdrawn [RECORD_REFUSED]\n`,
    });
  });
});

describe('listener approve', () => {
  test('lets the put that waits go on, with who and why in its output, on the card and in the audit', async () => {
    const { listener } = at();
    const { slack } = listener;
    const put = step(listener, {
      source: { channel: CHANNEL },
      params: { approval: { gate: 'release', title: 'Ship 2.0?', key: 'operator approves' } },
    });
    const card = await slack.when(() =>
      slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes('Ship 2.0?')),
    );
    const id = /#([0-9a-f]{6})/.exec(JSON.stringify(card.blocks))?.[1] ?? '';
    const result = await listener.verb('approve', id, '--as', 'dana', '--reason', 'Slack is <down>');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr, stdout } = await put;
    expect(code).toBe(0);
    expect(stderr + stdout).toContain('by the operator dana: Slack is <down>');
    await shows(slack, card, 'Approved by the operator dana: Slack is &lt;down&gt;');
    expect((await listener.verb('show', id)).stdout).toMatch(
      /event: approved by an operator\n +operator: dana\n +reason: Slack is <down>/,
    );
  });

  test('does not reopen what has ended', async () => {
    const { listener, door } = at();
    const { id } = await door.ask();
    await listener.verb('withdraw', id, '--as', 'dana');
    const { code, stderr } = await listener.verb('approve', id, '--as', 'dana', '--reason', 'please');
    expect([code, stderr]).toEqual([
      1,
      `listener: approval/${id} is withdrawn: it cannot be approved [RECORD_REFUSED]\n`,
    ]);
  });
});

test('listener retry has the running listener try at once what fails', () =>
  withListenerProcess({}, async (listener) => {
    const { slack, verb } = listener;
    const { id, card } = await doorOf(listener, slack).ask();
    expect((await verb('retry', id)).stdout).toBe(`approval/${id}: nothing has failed\n`);
    slack.outage(true);
    await verb('approve', id, '--as', 'dana', '--reason', 'Slack is down');
    const failed = async () => /key: card\n.*\n +attempts: [1-9]/.test((await verb('show', id)).stdout);
    await expect.poll(failed).toBe(true);
    expect((await verb('show', id)).stdout).toMatch(/last_error: .+/);
    await until(() => isPostponed(listener.dir, id));
    slack.outage(false);
    expect((await verb('retry', id)).stdout).toMatch(/^approval\/\w+: .*\bcard\b.* will be tried now\n$/);
    await shows(slack, card, 'Approved by the operator');
  }));

/** Puts the next try of everything off for an hour, unless one is under way: false. */
function isPostponed(dir: string, id: string): boolean {
  const db = new DatabaseSync(join(dir, 'listener.db'), { timeout: 60_000 });
  try {
    const at = Date.now() + 3_600_000;
    const { changes } = db
      .prepare(
        `update record set due_at = ?, body = json_set(body, '$.dueAt', ?, '$.effects', (
          select json_group_array(json(json_set(value, '$.nextAt', ?))) from json_each(body, '$.effects')
        )) where id = ? and body not like '%"lease"%'`,
      )
      .run(at, at, at, `approval/${id}`);
    return changes === 1;
  } finally {
    db.close();
  }
}

describe('wrong use is one line with a hint, exit code 1:', () => {
  const hex = '0'.repeat(24);
  test.each([
    [['show'], 'needs ID', 'CONFIG_INVALID'],
    [['show', 'a', 'b'], 'needs ID', 'CONFIG_INVALID'],
    [['list', 'all'], '"all" is not expected', 'CONFIG_INVALID'],
    [['export', 'a.jsonl'], '"a.jsonl" is not expected', 'CONFIG_INVALID'],
    [['migrate', 'now'], '"now" is not expected', 'CONFIG_INVALID'],
    [['list', '--kind', 'gates'], '--kind: "gates" is no kind, did you mean gate?', 'CONFIG_INVALID'],
    [['list', '--kind', ''], '--kind: "" is no kind', 'CONFIG_INVALID'],
    [['list', '--status', 'pending'], '--status: "pending" is no status', 'CONFIG_INVALID'],
    [['list', '--kind', 'action', '--status', 'opened'], '--status: "opened" is no status', 'CONFIG_INVALID'],
    [
      ['list', '--failing', '--status', 'aproved'],
      '--status: "aproved" is no status, did you mean approved?',
      'CONFIG_INVALID',
    ],
    [['list', '--failed'], "Unknown option '--failed'", 'CONFIG_INVALID'],
    [['backup'], 'needs FILE', 'CONFIG_INVALID'],
    [['withdraw', hex], '--as: required', 'CONFIG_INVALID'],
    [['approve', hex, '--reason', 'r'], '--as: required', 'CONFIG_INVALID'],
    [['approve', hex, '--as', 'a\nb', '--reason', 'r'], '--as: required', 'CONFIG_INVALID'],
    [['approve', hex, '--as', 'dana'], '--reason: required', 'CONFIG_INVALID'],
    [['approve', hex, '--as', 'dana', '--reason', ' '], '--reason: required', 'CONFIG_INVALID'],
    [['show', hex], `there is no record approval/${hex}`, 'RECORD_UNKNOWN'],
    [['show', 'ffffff'], 'no record is named "ffffff"', 'RECORD_UNKNOWN'],
    [['show', ''], 'no record is named ""', 'RECORD_UNKNOWN'],
    [['show', 'gate/none'], 'there is no record gate/none', 'RECORD_UNKNOWN'],
    [['retry', hex], `there is no record approval/${hex}`, 'RECORD_UNKNOWN'],
    [['withdraw', hex, '--as', 'a'], `there is no record approval/${hex}`, 'RECORD_UNKNOWN'],
    [['approve', hex, '--as', 'a', '--reason', 'r'], `there is no record approval/${hex}`, 'RECORD_UNKNOWN'],
    [['withdraw', 'gate/release', '--as', 'a'], 'gate/release is no approval', 'RECORD_REFUSED'],
  ])('%j', async (args, message, code) => {
    const result = await at().listener.verb(...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    const [line, hint] = result.stderr.split('\n');
    expect(line).toContain(`listener: ${message}`);
    expect(line).toMatch(new RegExp(`\\[${code}\\]$`));
    if (code !== 'RECORD_REFUSED') expect(hint).toMatch(/^ {2}hint: /);
    expect(result.stderr).not.toMatch(/ at .*:\d+|unexpected/);
  });
});

test('listener export writes each entry once, and the end of each record', async () => {
  const { listener, door } = at();
  const { id } = await door.ask();
  await listener.verb('withdraw', id, '--as', 'dana');
  const { code, stdout } = await listener.verb('export');
  expect(code).toBe(0);
  const lines: readonly { record?: string; seq?: number; mac?: string; head?: string; status?: string }[] =
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const own = lines.filter(({ record }) => record === `approval/${id}`);
  expect(own.map(({ seq, head }) => [seq, head === undefined])).toEqual([
    [1, true],
    [2, true],
    [3, true],
    [3, false],
  ]);
  expect(own.at(-1)).toMatchObject({ status: 'withdrawn', head: own.at(-2)?.mac });
});

test('listener backup copies a store that is in use; the copy verifies, and a listener runs on it', async () => {
  const { listener, door } = at();
  const { id } = await door.ask();
  const copy = join(listener.dir, 'copy.db');
  const { code, stdout } = await listener.verb('backup', copy);
  expect([code, stdout]).toEqual([0, `${join(listener.dir, 'listener.db')} → ${copy}\n`]);
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
  expect(await listener.verb('backup', copy)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is there already [STORE_REFUSED]'),
  });
  await withListenerProcess({ config: { store: { sqlite: copy } } }, async (second) => {
    expect(await second.verb('verify-audit')).toMatchObject({ code: 0 });
    expect(await doorOf(second, second.slack).view(id)).toMatchObject({ status: 'requested' });
  });
});

test('listener migrate waits for the end of the listener, and then has nothing to do', () =>
  withListenerProcess({}, async (listener) => {
    expect(await listener.verb('migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[STORE_OWNED]'),
    });
    await listener.stop();
    expect(await listener.verb('migrate')).toMatchObject({ code: 0, stdout: 'schema 1: nothing to do\n' });
    expect(existsSync(join(listener.dir, 'listener.db'))).toBe(true);
  }));

test('no verb touches a store of a newer release', () =>
  withListenerProcess({}, async (listener) => {
    await listener.stop();
    const db = new DatabaseSync(join(listener.dir, 'listener.db'));
    db.exec('pragma user_version = 99');
    db.close();
    for (const name of ['list', 'migrate', 'verify-audit'])
      expect(await listener.verb(name)).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /has schema version 99, this program knows 1 \[STORE_VERSION\]\n {2}hint: .*\n$/,
        ),
      });
  }));

test('a reader of the answer that goes early is no failure', async () => {
  const { listener, door } = at();
  await door.ask();
  const command = `"${process.execPath}" dist/listener.js --config "${listener.dir}/listener.json" export | true`;
  const { stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
});

test('listener migrate makes a new store, which a listener then uses', () =>
  withListenerProcess(
    {
      async before(verb) {
        expect(await verb('list')).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('there is no SQLite store'),
        });
        expect(await verb('migrate')).toMatchObject({ code: 0, stdout: 'schema 0 → 1\n' });
      },
    },
    async (listener) => {
      expect(await listener.verb('list')).toMatchObject({ code: 0, stderr: 'listener: 0 records\n' });
    },
  ));

test('every verb is run by a test of the process', () => {
  const tests = [
    'test/listener/verbs.test.ts',
    'test/listener/audit.test.ts',
    'test/listener/restore.test.ts',
    'test/listener/check-config.test.ts',
  ];
  const text = tests.map(readText).join('\n');
  expect(verbs.map(({ name }) => name).filter((name) => !text.includes(`'${name}'`))).toEqual([]);
});
