import { globSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createConcourse } from './fakes/concourse/create-concourse.ts';
import type { Concourse } from './fakes/concourse/concourse.ts';
import { SECRET_KEY, withWorld } from './support/world.ts';
import type { World } from './support/world.ts';
import { withTempDir } from './support/step.ts';

const folder = new URL('../examples/', import.meta.url);
const assets = process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../assets', import.meta.url));

/** The pipeline as written, but for the two addresses that lead to the fakes instead of Slack and AWS. */
function pipelineOf(file: string, { slack, aws }: World): Record<string, unknown> {
  const pipeline: Record<string, unknown> & {
    resources?: { type: string; source: Record<string, object> }[];
  } = parse(readFileSync(new URL(file, folder), 'utf8'));
  for (const { type, source } of pipeline.resources ?? []) {
    if (type !== 'slack-aws') continue;
    Object.assign(source['slack'] ?? {}, { api_url: slack.apiUrl });
    Object.assign(source['aws'] ?? {}, { endpoint: aws.url });
  }
  return pipeline;
}

function withPipeline(
  file: string,
  use: (concourse: Concourse, world: World) => Promise<void>,
): Promise<void> {
  return withWorld((world) =>
    withTempDir(async (workDir) => {
      world.aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', '%PDF-1.7', {
        type: 'application/pdf',
      });
      world.aws.s3.put('ci-artifacts', 'slack-content/charts/cpu.png', 'png bytes', { type: 'image/png' });
      const vars = {
        slack: { bot_token: world.slack.token, channel_id: 'C0RELEASES1' },
        aws: {
          region: 'eu-west-1',
          access_key_id: 'AKIASENSITIVE0000001',
          secret_access_key: SECRET_KEY,
          bucket: 'ci-artifacts',
        },
      };
      const resourceTypes = { 'concourse-slack-aws-resource': assets };
      await use(createConcourse({ pipeline: pipelineOf(file, world), vars, workDir, resourceTypes }), world);
    }),
  );
}

// It is no pipeline: test/listener/check-config.test.ts has it checked by the listener itself.
test('the configuration of the listener is one document', () => {
  const config: unknown = parse(readFileSync(new URL('listener.yaml', folder), 'utf8'));
  expect(config).toMatchObject({ gates: { release: { quorum: 2 } } });
});

test('every example is run by a test', () => {
  const files = globSync('**/*.test.ts', { cwd: import.meta.dirname });
  const tested = files.map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8')).join('\n');
  const untested = readdirSync(folder).filter((file) => !tested.includes(`${file}'`));
  expect(untested).toEqual([]);
});

test('aws-integration posts a link, an upload and an image as written', () =>
  withPipeline('aws-integration.yaml', async (concourse, { slack }) => {
    for (const job of ['post-link', 'post-upload', 'post-image']) {
      const build = await concourse.trigger(job);
      expect(build.log).not.toContain('warning');
      expect(build).toMatchObject({ status: 'succeeded' });
    }
    const [link, upload, image] = slack.messages('releases');
    expect(link?.text).toBe(
      'Nightly report of app <https://ci.example.com/teams/main/pipelines/app/jobs/post-link/builds/1|#1>',
    );
    expect(JSON.stringify(link?.blocks)).toContain('X-Amz-Signature');
    expect(upload?.files).toHaveLength(1);
    expect(JSON.stringify(image?.blocks)).toContain('slack_file');
  }));

test('aws-integration stores, links and uploads files of the build, then replies in the thread', () =>
  withPipeline('aws-integration.yaml', async (concourse, { slack, aws }) => {
    const build = await concourse.trigger('post-build-files');
    expect(build).toMatchObject({ status: 'succeeded' });
    const [parent, log, reply] = slack.messages('releases');
    expect(parent?.text).toBe('Tests of 1.2.3 passed');
    expect(log).toMatchObject({ thread_ts: parent?.ts });
    expect(reply).toMatchObject({
      text: 'All done',
      thread_ts: parent?.ts,
      reactions: ['white_check_mark'],
    });
    expect(aws.s3.object('ci-artifacts', `slack-content/reports/${build.id}.html`)).toBeDefined();
  }));

test('aws-integration writes a line of its own when the build fails, and never fails it further', () =>
  withPipeline('aws-integration.yaml', async (concourse, { slack }) => {
    slack.fault('chat.postMessage', { error: 'not_in_channel' });
    const build = await concourse.trigger('post-build-files');
    expect(build).toMatchObject({ status: 'failed' });
    const [line, ...others] = slack.messages('releases');
    expect(others).toEqual([]);
    expect(line?.text).toMatch(
      /^:x: <https:\/\/ci\.example\.com\S+\|main\/app\/post-build-files #1> failed$/,
    );
  }));
