import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import type { PreparedArtifact } from '../../src/resource/artifacts.ts';
import { deliver } from '../../src/resource/deliver.ts';
import type { MessageParams } from '../../src/resource/schema.ts';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { withSlack } from '../support/slack-in-process.ts';
import type { SlackInProcess } from '../support/slack-in-process.ts';

type Draft = Parameters<typeof deliver>[0];

const SILENCE_MS = 1500;
/** Each way a call can go wrong without a refusal; some are done all the same. */
const TROUBLES: readonly SlackFault[] = [
  'lost',
  'truncated',
  { html: 'processed' },
  'html',
  'reset',
  'hang',
  { http: 500 },
  { http: 503 },
  { error: 'fatal_error' },
  { rateLimit: 3 },
];

function draftOf(params: MessageParams, more: Partial<Draft> = {}): Draft {
  return {
    params,
    written: { text: params.text, plain: false, blocks: [], buttons: [] },
    mentions: [],
    artifacts: [],
    targets: { channels: ['C0RELEASES1'], thread: undefined, message: undefined },
    source: {
      channel: undefined,
      prefix: '',
      gate: undefined,
      emit: ['approved'],
      slack: { token: new Secret('unused'), apiUrl: 'unused' },
      aws: { region: undefined, keys: undefined, role: undefined, endpoint: undefined },
      s3: undefined,
      gateway: undefined,
      listener: undefined,
    },
    ...more,
  };
}

function image(link: PreparedArtifact['link']): PreparedArtifact {
  const bytes = Buffer.from('png bytes');
  return {
    mode: 'image',
    title: 'CPU',
    alt: 'CPU, last hour',
    fileName: 'cpu.png',
    type: 'image/png',
    size: bytes.length,
    link,
    open: () => Promise.resolve({ stream: Readable.from([bytes]), length: bytes.length }),
  };
}

const LINK = {
  url: 'https://s3.example/cpu.png?X-Amz-Signature=1',
  expiresAt: 1_800_000_000,
  cutShort: false,
};

async function posted({
  slack,
}: SlackInProcess): Promise<{ channel: string; ts: string; thread: undefined }> {
  const answer = await slack.call('chat.postMessage', { channel: 'C0RELEASES1', text: 'x' }, 'once');
  return { channel: 'C0RELEASES1', ts: String(answer['ts']), thread: undefined };
}

describe('calls that may be repeated are, and come to the same:', () => {
  it.each(TROUBLES)('chat.delete after %j', (fault) =>
    withSlack(
      async (ports) => {
        const message = await posted(ports);
        ports.fake.fault('chat.delete', fault);
        const targets = { channels: ['C0RELEASES1'], thread: undefined, message };
        await deliver(draftOf({ delete_from: 'm' }, { targets }), ports);
        expect(ports.fake.messages()).toEqual([]);
        expect(ports.fake.count('chat.delete')).toBe(2);
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it.each(TROUBLES)('reactions.add after %j', (fault) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('reactions.add', fault);
        await deliver(draftOf({ text: 'done', react: 'tada' }), ports);
        expect(ports.fake.messages()).toMatchObject([{ text: 'done', reactions: ['tada'] }]);
        expect(ports.fake.count('reactions.add')).toBe(2);
        expect(ports.fake.count('chat.postMessage')).toBe(1);
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it.each(TROUBLES)('users.lookupByEmail after %j', (fault) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('users.lookupByEmail', fault);
        await deliver(draftOf({ text: 'look' }, { mentions: [{ email: 'alice@example.com' }] }), ports);
        expect(ports.fake.messages()).toMatchObject([{ text: '<@U0ALICE0001> look' }]);
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it.each(TROUBLES)('files.getUploadURLExternal after %j', (fault) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('files.getUploadURLExternal', fault);
        await deliver(draftOf({ text: 'CPU' }, { artifacts: [image(LINK)] }), ports);
        expect(ports.fake.count('upload-bytes')).toBe(1);
        expect(JSON.stringify(ports.fake.messages()[0]?.blocks)).toContain('slack_file');
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it.each(TROUBLES)('files.info after %j', (fault) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('files.info', fault);
        await deliver(draftOf({ text: 'CPU' }, { artifacts: [image(LINK)] }), ports);
        expect(JSON.stringify(ports.fake.messages()[0]?.blocks)).toContain('slack_file');
      },
      { idleMs: SILENCE_MS },
    ),
  );

  it.each(['conversations.list', 'conversations.open'])('%s after any of them', (method) =>
    withSlack(
      async (ports) => {
        const channel = method === 'conversations.list' ? '#releases' : 'U0ALICE0001';
        for (const fault of TROUBLES) {
          ports.fake.fault(method, fault);
          const file = { ...image(undefined), mode: 'upload' } as const;
          const targets = { channels: [channel], thread: undefined, message: undefined };
          await deliver(draftOf({}, { artifacts: [file], targets }), ports);
        }
        expect(ports.fake.messages()).toHaveLength(TROUBLES.length);
        expect(ports.fake.count(method)).toBe(2 * TROUBLES.length);
      },
      { idleMs: SILENCE_MS },
    ),
  );
});

describe('a read method that fails each time', () => {
  it.each<readonly [SlackFault, string]>([
    [{ http: 500 }, 'SLACK_FAILED'],
    ['html', 'SLACK_FAILED'],
    ['truncated', 'SLACK_FAILED'],
    [{ error: 'internal_error' }, 'SLACK_FAILED'],
    ['reset', 'SLACK_UNREACHABLE'],
    ['hang', 'SLACK_UNREACHABLE'],
    [{ rateLimit: 100 }, 'SLACK_RATE_LIMITED'],
  ])('by %j ends in one line after four tries, with nothing posted', (fault, code) =>
    withSlack(
      async (ports) => {
        ports.fake.fault('users.lookupByEmail', fault, 9);
        const draft = draftOf({ text: 'look' }, { mentions: [{ email: 'alice@example.com' }] });
        await expect(deliver(draft, ports)).rejects.toMatchObject({
          code,
          message: expect.not.stringMatching(/\n/),
        });
        expect(ports.fake.count('users.lookupByEmail')).toBe(4);
        expect(ports.fake.messages()).toEqual([]);
      },
      { idleMs: SILENCE_MS },
    ),
  );
});

describe('an image that never becomes ready (S9)', () => {
  it('is shown as a link', () =>
    withSlack(
      async (ports) => {
        await deliver(draftOf({ text: 'CPU' }, { artifacts: [image(LINK)] }), ports);
        const [message, ...others] = ports.fake.messages();
        expect(JSON.stringify(message?.blocks)).toContain(LINK.url);
        expect(others).toEqual([]);
        expect(ports.lines).toEqual([
          expect.stringMatching(/^warning: Slack does not show cpu\.png.*a link instead$/),
        ]);
      },
      { neverReady: true },
    ));

  it('is uploaded into the thread when it is a file of the build', () =>
    withSlack(
      async (ports) => {
        await deliver(draftOf({ text: 'CPU' }, { artifacts: [image(undefined)] }), ports);
        const [parent, file] = ports.fake.messages();
        expect(file).toMatchObject({ thread_ts: parent?.ts, files: [expect.any(String)] });
        expect(ports.fake.count('upload-bytes')).toBe(2);
      },
      { neverReady: true },
    ));
});
