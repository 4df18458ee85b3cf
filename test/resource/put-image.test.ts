import { describe, expect, test } from 'vitest';
import { linksIn, withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const KEY = 'slack-content/cpu.png';
const PARAMS = { text: 'CPU', artifacts: [{ key: 'cpu.png', alt: 'CPU, last hour', title: 'CPU' }] };
const FILE = { text: 'CPU', artifacts: [{ file: 'out/cpu.png' }] };
const files = { 'out/cpu.png': 'png bytes' };

function blocksOf({ slack }: World): string {
  return JSON.stringify(slack.messages('releases')[0]?.blocks);
}

test('waits until the image is ready, and never names an address Slack would have to fetch (S9)', () =>
  withWorld(
    async (world) => {
      world.aws.s3.put('ci-artifacts', KEY, 'png bytes', { type: 'image/png' });
      const step = await world.put(PARAMS);
      expect(step.code).toBe(0);
      const [message, ...others] = world.slack.messages('releases');
      expect(others).toEqual([]);
      expect(message?.blocks).toMatchObject([
        { type: 'section' },
        { type: 'image', alt_text: 'CPU, last hour', slack_file: { id: world.slack.files()[0]?.id } },
      ]);
      expect(blocksOf(world)).not.toContain('image_url');
      expect(world.slack.count('files.info')).toBeGreaterThan(1);
    },
    { slack: { readyAfterMs: 250 } },
  ));

test('sends the description with the block, never with the upload (S7)', () =>
  withWorld(async ({ put, slack }) => {
    await put({ text: 'CPU', artifacts: [{ ...FILE.artifacts[0], alt: 'CPU, last hour' }] }, { files });
    expect(slack.messages('releases')[0]?.blocks).toMatchObject([{}, { alt_text: 'CPU, last hour' }]);
    const sent = slack.calls.filter(({ method }) => method.startsWith('files.'));
    const names = new Set(sent.flatMap(({ args }) => Object.keys(args)));
    expect(names).toEqual(new Set(['filename', 'length', 'files', 'file']));
  }));

test('shows one image in several channels, uploaded once', () =>
  withWorld(
    async ({ put, slack }) => {
      const step = await put({ ...FILE, channels: ['releases', 'develop'] }, { files });
      expect(step).toMatchObject({ code: 0, stderr: '' });
      expect(slack.count('upload-bytes')).toBe(1);
      expect(slack.messages().map(({ blocks }) => blocks.length)).toEqual([2, 2]);
    },
    {
      slack: {
        channels: [
          { id: 'C0RELEASES1', name: 'releases', member: true },
          { id: 'C0DEVELOP01', name: 'develop', member: true },
        ],
      },
    },
  ));

describe('an image that Slack does not show is not a message lost (S9):', () => {
  test('one in S3 becomes a link where the app may not look whether it is ready', () =>
    withWorld(
      async (world) => {
        world.aws.s3.put('ci-artifacts', KEY, 'png bytes', { type: 'image/png' });
        const step = await world.put(PARAMS);
        expect(step.code).toBe(0);
        expect(step.stderr).toContain('warning: Slack does not show cpu.png as an image');
        expect(blocksOf(world)).toContain('X-Amz-Signature');
        expect(step.json()).toMatchObject({
          metadata: expect.arrayContaining([{ name: 'fallback', value: 'CPU is posted as a link' }]),
        });
        const [url] = linksIn(world.slack.messages('releases')[0]?.blocks);
        expect(await (await fetch(url ?? '')).text()).toBe('png bytes');
      },
      { slack: { scopes: ['chat:write', 'files:write'] } },
    ));

  test('one in S3 becomes a link where uploads are forbidden', () =>
    withWorld(async (world) => {
      world.aws.s3.put('ci-artifacts', KEY, 'png bytes', { type: 'image/png' });
      world.slack.fault('files.getUploadURLExternal', { error: 'file_uploads_disabled' });
      const step = await world.put(PARAMS);
      expect(step.code).toBe(0);
      expect(step.stderr).toContain('file_uploads_disabled: posted as a link instead');
      expect(blocksOf(world)).toContain('X-Amz-Signature');
    }));

  test('one of the build becomes an upload in the thread', () =>
    withWorld(
      async ({ put, slack }) => {
        const step = await put(FILE, { files });
        expect(step.code).toBe(0);
        expect(step.stderr).toContain('posted as an upload instead');
        const [parent] = slack.messages('releases');
        expect(parent?.text).toBe('CPU');
        await expect.poll(() => slack.messages('releases')[1]).toMatchObject({ thread_ts: parent?.ts });
      },
      { slack: { scopes: ['chat:write', 'files:write'] } },
    ));

  test('a dead token is no reason for a link', () =>
    withWorld(async ({ put, slack, aws }) => {
      aws.s3.put('ci-artifacts', KEY, 'png bytes', { type: 'image/png' });
      slack.fault('*', { error: 'invalid_auth' }, 9);
      const step = await put(PARAMS);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain('invalid_auth [SLACK_REFUSED]');
      expect(slack.count()).toBe(1);
    }));
});
