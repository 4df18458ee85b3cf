import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readyImage, shareFiles } from '../../src/slack/share.ts';
import type { UploadedFile } from '../../src/slack/share.ts';
import { uploadBytes } from '../../src/slack/upload.ts';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { withSlack } from '../support/slack-in-process.ts';
import type { SlackInProcess } from '../support/slack-in-process.ts';

const COMPLETE = 'files.completeUploadExternal';
const RELEASES = { channel: 'C0RELEASES1' };
const SILENCE_MS = 1500;
const TO_LOSE: readonly SlackFault[] = ['lost', 'truncated', { html: 'processed' }];
const TO_FAIL: readonly SlackFault[] = ['reset', 'hang', 'html', { http: 500 }, { error: 'internal_error' }];

async function uploaded(ports: SlackInProcess, name = 'report.pdf'): Promise<UploadedFile> {
  const open = () => Promise.resolve({ stream: Readable.from([Buffer.from('bytes')]), length: 5 });
  return { id: await uploadBytes({ name, size: 5, open }, ports), title: `About ${name}` };
}

const slept = (ports: SlackInProcess) => ports.clock.sleeps.reduce((sum, ms) => sum + ms, 0);

describe('shareFiles', () => {
  it('proves that the files are visible, and answers the ts of their message (S8)', () =>
    withSlack(async (ports) => {
      const files = [await uploaded(ports), await uploaded(ports, 'log.txt')];
      const ts = await shareFiles(files, RELEASES, ports);
      const messages = ports.fake.messages('releases');
      expect(messages).toMatchObject([{ ts, files: files.map(({ id }) => id) }]);
      expect(ports.fake.files()).toMatchObject([{ title: 'About report.pdf' }, { title: 'About log.txt' }]);
    }));

  it('sends a comment without blocks, which Slack would drop silently (S6)', () =>
    withSlack(async (ports) => {
      const files = [await uploaded(ports)];
      await shareFiles(files, { ...RELEASES, comment: 'Here it is' }, ports);
      const { args } = ports.fake.calls.find(({ method }) => method === COMPLETE) ?? { args: {} };
      expect(args).toMatchObject({ initial_comment: 'Here it is', channel_id: 'C0RELEASES1' });
      expect(args).not.toHaveProperty('blocks');
    }));

  it('finds the share in a private channel and in a thread', () =>
    withSlack(
      async (ports) => {
        const thread = ports.fake.say('inner-circle', 'parent');
        const ts = await shareFiles([await uploaded(ports)], { channel: 'G0INNER0001', thread }, ports);
        expect(ports.fake.messages('inner-circle')[1]).toMatchObject({ ts, thread_ts: thread });
      },
      { channels: [{ id: 'G0INNER0001', name: 'inner-circle', private: true, member: true }] },
    ));

  it('detects that Slack said ok and shows nothing (S8)', () =>
    withSlack(
      async (ports) => {
        const files = [await uploaded(ports)];
        await expect(shareFiles(files, RELEASES, ports)).rejects.toMatchObject({
          code: 'SLACK_NOT_SHARED',
          message: 'Slack accepted About report.pdf but has not shown it in C0RELEASES1 after 29 s',
          hint: expect.stringContaining('as: link'),
        });
        expect(slept(ports)).toBe(29_000);
        expect(ports.fake.count(COMPLETE)).toBe(1);
      },
      { neverShare: true },
    ));

  it('looks a last time after the last pause (S8)', () =>
    withSlack(async (ports) => {
      const files = [await uploaded(ports)];
      ports.fake.fault('files.info', { error: 'file_not_found' }, 9);
      expect(await shareFiles(files, RELEASES, ports)).toBe(ports.fake.messages('releases')[0]?.ts);
      expect(slept(ports)).toBe(29_000);
    }));

  it('says that nobody can prove it where the app may not look (S8)', () =>
    withSlack(
      async (ports) => {
        expect(await shareFiles([await uploaded(ports)], RELEASES, ports)).toBeUndefined();
        expect(ports.lines).toEqual([expect.stringMatching(/^warning: .*files:read.*add the scope$/)]);
        await expect.poll(() => ports.fake.messages('releases')).toHaveLength(1);
      },
      { scopes: ['files:write'] },
    ));

  it.each([
    ['a channel it may post to but is no member of (S5)', { channel: 'C0PUBLIC001' }, 'not_in_channel'],
    ['an archived channel', { channel: 'C0ARCHIVED1' }, 'is_archived'],
    ['a name (S4)', { channel: 'releases' }, 'invalid_arguments'],
    ['a thread that is none', { ...RELEASES, thread: '1700000000.000100' }, 'thread_not_found'],
  ])('passes on the refusal of %s', (_, target, error) =>
    withSlack(async (ports) => {
      await expect(shareFiles([await uploaded(ports)], target, ports)).rejects.toMatchObject({
        code: 'SLACK_REFUSED',
        message: expect.stringContaining(error),
      });
      expect(ports.fake.count(COMPLETE)).toBe(1);
    }),
  );
});

describe('a lost answer to files.completeUploadExternal (S11)', () => {
  it.each(TO_LOSE)('after %j is settled by looking, never by a second call', (fault) =>
    withSlack(async (ports) => {
      const files = [await uploaded(ports)];
      ports.fake.fault(COMPLETE, fault);
      const ts = await shareFiles(files, RELEASES, ports);
      expect(ports.fake.messages('releases')).toMatchObject([{ ts }]);
      expect(ports.fake.count(COMPLETE)).toBe(1);
    }),
  );

  it.each(TO_FAIL)('after %j that shared nothing is one doubt, and no second call', (fault) =>
    withSlack(
      async (ports) => {
        const files = [await uploaded(ports)];
        ports.fake.fault(COMPLETE, fault);
        await expect(shareFiles(files, RELEASES, ports)).rejects.toMatchObject({
          code: 'SLACK_OUTCOME_UNKNOWN',
          message: expect.stringContaining(`no clear answer to ${COMPLETE}`),
        });
        expect(ports.fake.count(COMPLETE)).toBe(1);
        expect(ports.fake.messages()).toEqual([]);
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it('is one doubt where the app may not look', () =>
    withSlack(
      async (ports) => {
        const files = [await uploaded(ports)];
        ports.fake.fault(COMPLETE, 'lost');
        await expect(shareFiles(files, RELEASES, ports)).rejects.toMatchObject({
          code: 'SLACK_OUTCOME_UNKNOWN',
        });
        expect(ports.fake.count(COMPLETE)).toBe(1);
      },
      { scopes: ['files:write'] },
    ));
});

describe('readyImage', () => {
  it('waits until Slack has scanned the image, and shows it to nobody (S9)', () =>
    withSlack(async (ports) => {
      const image = await uploaded(ports, 'cpu.png');
      ports.fake.fault('files.info', { error: 'file_not_found' }, 2);
      expect(await readyImage(image, ports)).toBe(true);
      expect(ports.clock.sleeps).toEqual([100, 200]);
      expect(ports.fake.messages()).toEqual([]);
    }));

  it.each([...TO_LOSE])('is true although the answer to its completion went by %j', (fault) =>
    withSlack(async (ports) => {
      const image = await uploaded(ports, 'cpu.png');
      ports.fake.fault(COMPLETE, fault);
      expect(await readyImage(image, ports)).toBe(true);
      expect(ports.fake.count(COMPLETE)).toBe(1);
    }),
  );

  it.each([
    ['Slack never scans it', 'cpu.png', { neverReady: true }],
    ['the app may not look', 'cpu.png', { scopes: ['files:write'] }],
    ['Slack finds that it is no image', 'cpu.txt', {}],
  ])('is false when %s (S9)', (_, name, options) =>
    withSlack(async (ports) => {
      expect(await readyImage(await uploaded(ports, name), ports)).toBe(false);
    }, options),
  );
});
