import { expect, test } from 'vitest';
import { BUILD, withWorld } from '../support/world.ts';

const page = 'https://ci.example.com/teams/main/pipelines/app/jobs/deploy/builds/41';

test.for([
  ['succeeded', ':white_check_mark:', 'succeeded'],
  ['success', ':white_check_mark:', 'succeeded'],
  ['failed', ':x:', 'failed'],
  ['failure', ':x:', 'failed'],
  ['errored', ':warning:', 'errored'],
  ['error', ':warning:', 'errored'],
  ['aborted', ':no_entry_sign:', 'aborted'],
  ['abort', ':no_entry_sign:', 'aborted'],
] as const)('writes a line by itself under BUILD_STATUS %s (C13)', ([given, emoji, status]) =>
  withWorld(async ({ put, slack }) => {
    const step = await put(undefined, { env: { ...BUILD, BUILD_STATUS: given } });
    expect(step.stderr).toBe('');
    expect(slack.messages().map(({ text }) => text)).toEqual([
      `${emoji} <${page}|main/app/deploy #41> ${status}`,
    ]);
  }),
);

test.for([['succeded'], [''], ['SUCCEEDED']])(
  'has nothing to say under an unknown BUILD_STATUS, %j (C13)',
  ([given]) =>
    withWorld(async ({ put, slack }) => {
      const step = await put(undefined, { env: { ...BUILD, BUILD_STATUS: given ?? '' } });
      expect(step.stderr).toContain('params: nothing to send');
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(slack.calls).toEqual([]);
    }),
);

test('keeps quiet about the status where the put has content of its own', () =>
  withWorld(async ({ put, slack }) => {
    const env = { ...BUILD, BUILD_STATUS: 'failed' };
    const blocks = [{ type: 'divider' }];
    await put({ blocks }, { env });
    await put({ text: 'was {{BUILD_STATUS}}' }, { env: { ...BUILD, BUILD_STATUS: 'failure' } });
    const [first, second] = slack.messages();
    expect(first?.blocks).toEqual(blocks);
    expect(JSON.stringify(first)).not.toContain('failed');
    expect(second?.text).toBe('was failed');
  }));

test('links a one-off build by its id', () =>
  withWorld(async ({ put, slack }) => {
    const env = {
      BUILD_ID: '4711',
      BUILD_NAME: '',
      ATC_EXTERNAL_URL: 'https://ci.example.com',
      BUILD_STATUS: 'failed',
    };
    const step = await put(undefined, { env });
    expect(step.stderr).toBe('');
    expect(slack.messages()[0]?.text).toBe(':x: <https://ci.example.com/builds/4711|build 4711> failed');
  }));

test('links the page of an instanced pipeline with its vars (C14)', () =>
  withWorld(async ({ put, slack }) => {
    const vars = { branch: 'feature/a&b', env: { name: 'pre|prod' }, hosts: ['a'] };
    const env = { ...BUILD, BUILD_PIPELINE_INSTANCE_VARS: JSON.stringify(vars) };
    await put({ text: '<{{BUILD_URL}}|build>' }, { env });
    const link = slack.messages()[0]?.text ?? '';
    const url = new URL(link.slice(1, link.indexOf('|')).replaceAll('&amp;', '&'));
    expect(`${url.origin}${url.pathname}`).toBe(page);
    expect([...url.searchParams]).toEqual([
      ['vars.branch', '"feature/a&b"'],
      ['vars.env.name', '"pre|prod"'],
      ['vars.hosts', '["a"]'],
    ]);
  }));

test('cannot be made to ping by the name of a pipeline or an instance', () =>
  withWorld(async ({ put, slack }) => {
    const env = {
      ...BUILD,
      BUILD_PIPELINE_NAME: 'app> <!channel',
      BUILD_URL: 'https://ci.example.com/x?vars.a="|><!here>"',
      BUILD_STATUS: 'failed',
    };
    await put(undefined, { env });
    const text = slack.messages()[0]?.text ?? '';
    expect(text).toBe(
      ':x: <https://ci.example.com/x?vars.a=%22%7C%3E%3C!here%3E%22|main/app&gt; &lt;!channel/deploy #41> failed',
    );
  }));
