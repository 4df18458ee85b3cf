import { expect, test } from 'vitest';
import type * as S3 from '../src/s3.ts';
import { linksIn, withWorld } from './support/world.ts';
import type { World } from './support/world.ts';
import { SECRET_KEY } from './support/world.ts';

// The built package by its own name, as its users import it.
const name: string = 'concourse-slack-aws-resource/s3';
const { imageBlock, linkBlock, uploadToSlack }: typeof S3 = await import(name);

function object({ aws }: World, key: string) {
  const credentials = { accessKeyId: 'AKIASENSITIVE0000001', secretAccessKey: SECRET_KEY };
  return { bucket: 'ci-artifacts', key, region: 'eu-west-1', endpoint: aws.url, credentials };
}

const app = ({ slack }: World) => ({ token: slack.token, apiUrl: slack.apiUrl });

test('linkBlock returns a section whose link works', () =>
  withWorld(async (world) => {
    world.aws.s3.put('ci-artifacts', 'a/report.pdf', 'a report', { type: 'application/pdf' });
    const block = await linkBlock(object(world, 'a/report.pdf'), { title: 'Report', seconds: 60 });
    const [url = ''] = linksIn(block);
    expect(block['type']).toBe('section');
    expect(await (await fetch(url)).text()).toBe('a report');
  }));

test('imageBlock uploads unseen and returns an image that a message can show', () =>
  withWorld(async (world) => {
    world.aws.s3.put('ci-artifacts', 'cpu.png', 'png', { type: 'image/png' });
    const block = await imageBlock(object(world, 'cpu.png'), app(world), { alt: 'CPU' });
    expect(block).toMatchObject({
      type: 'image',
      alt_text: 'CPU',
      slack_file: { id: world.slack.files()[0]?.id },
    });
    expect(world.slack.messages()).toEqual([]);
  }));

test('imageBlock refuses what Slack does not show before any call', () =>
  withWorld(async (world) => {
    world.aws.s3.put('ci-artifacts', 'a.pdf', 'a report', { type: 'application/pdf' });
    await expect(imageBlock(object(world, 'a.pdf'), app(world))).rejects.toMatchObject({
      code: 'TYPE_REFUSED',
    });
    expect(world.slack.count()).toBe(0);
  }));

test('uploadToSlack shows the file in the channel and returns its ts', () =>
  withWorld(async (world) => {
    world.aws.s3.put('ci-artifacts', 'a.log', 'log', { type: 'text/plain' });
    const { ts } = await uploadToSlack(object(world, 'a.log'), app(world), {
      channel: 'C0RELEASES1',
      title: 'Log',
    });
    expect(world.slack.messages('releases')).toMatchObject([{ ts, files: [world.slack.files()[0]?.id] }]);
  }));

test('a missing object is a Fault with code and hint', () =>
  withWorld(async (world) => {
    await expect(linkBlock(object(world, 'gone'))).rejects.toMatchObject({
      name: 'Fault',
      code: 'S3_NOT_FOUND',
      message: 'no object s3://ci-artifacts/gone',
    });
  }));
