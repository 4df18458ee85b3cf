import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isRecord } from '../../src/kit/json.ts';
import { createConcourse } from '../fakes/concourse/create-concourse.ts';
import { codeBlocks, readText } from '../support/markdown.ts';
import { withTempDir } from '../support/step.ts';
import { SECRET_KEY, withWorld } from '../support/world.ts';
import type { World, WorldOptions } from '../support/world.ts';

const assets = process.env['RESOURCE_ASSETS_DIR'] ?? fileURLToPath(new URL('../../assets', import.meta.url));
const ROLE = 'arn:aws:iam::123456789012:role/ci-slack';
const pipelines = codeBlocks(readText('README.md'))
  .filter(({ language, text }) => language === 'yaml' && text.includes('name: nightly'))
  .map(({ text }): unknown => parse(text));

/** The pipeline as written, but for the two addresses that lead to the fakes instead of Slack and AWS. */
function pointed(index: number, { slack, aws }: World): Record<string, unknown> {
  const [first, own] = [pipelines[0], pipelines[index]];
  if (!isRecord(first) || !isRecord(own) || !Array.isArray(own['resources'])) throw new Error('no pipeline');
  const resources = own['resources'].filter(isRecord).map((resource) => {
    const source = isRecord(resource['source']) ? resource['source'] : {};
    const of = (key: string) => (isRecord(source[key]) ? source[key] : {});
    const change = {
      slack: { ...of('slack'), api_url: slack.apiUrl },
      aws: { ...of('aws'), endpoint: aws.url },
    };
    return { ...resource, source: { ...source, ...change } };
  });
  return { ...own, resource_types: own['resource_types'] ?? first['resource_types'], resources };
}

function run(index: number, use: (world: World, log: string) => void, options: WorldOptions): Promise<void> {
  return withWorld(
    (world) =>
      withTempDir(async (workDir) => {
        for (const key of ['report.pdf', 'reports/report.pdf'])
          world.aws.s3.put('ci-artifacts', key, '%PDF-1.7', { type: 'application/pdf' });
        const concourse = createConcourse({
          pipeline: pointed(index, world),
          workDir,
          resourceTypes: { 'concourse-slack-aws-resource': assets },
          vars: {
            slack: { bot_token: world.slack.token },
            aws: { key_id: 'AKIASENSITIVE0000001', secret_key: SECRET_KEY },
          },
          // Concourse's idtoken source knows this one field.
          varSources: { id: (path) => (path === 'token' ? options.aws?.webIdentityToken : undefined) },
        });
        const build = await concourse.trigger('nightly');
        expect(build.log).toContain('AWS identity: ');
        expect(build.status).toBe('succeeded');
        use(world, build.log);
      }),
    options,
  );
}

test('the pipeline on the first screen runs, and posts a link', () =>
  run(
    0,
    ({ slack }) => {
      const [message] = slack.messages('releases');
      expect(JSON.stringify(message?.blocks)).toContain('report.pdf');
      expect(JSON.stringify(message?.blocks)).toContain('X-Amz-Signature');
    },
    {},
  ));

test("the pipeline with the pipeline's own identity token runs without stored keys (CO6)", () =>
  run(
    1,
    ({ slack, aws }, log) => {
      expect(log).toContain(`AWS identity: role ${ROLE}`);
      expect(aws.sts.count('AssumeRoleWithWebIdentity')).toBeGreaterThan(0);
      expect(slack.messages('releases')).toHaveLength(1);
    },
    {
      slack: { channels: [{ id: 'C0123ABCD', name: 'releases', member: true }] },
      aws: { roles: { [ROLE]: {} }, webIdentityToken: 'sensitive-web-identity-token' },
    },
  ));
