import { describe, expect, test } from 'vitest';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { runStep, withTempDir } from '../support/step.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

function getPermalink({ source, slack }: World) {
  const version = { channel: 'C0RELEASES1', ts: slack.say('releases', 'released') };
  return withTempDir((dir) =>
    runStep('in', { source: source(), version, params: { permalink: true } }, { dir }),
  );
}

describe.concurrent('asking for a permalink', () => {
  test.each<SlackFault>(['lost', 'truncated', 'html', 'reset', { http: 503 }, { rateLimit: 1 }])(
    'is repeated after %j, for it changes nothing',
    (fault) =>
      withWorld(async (world) => {
        world.slack.fault('chat.getPermalink', fault);
        const step = await getPermalink(world);
        expect(step.code, step.stderr).toBe(0);
        expect(step.stdout).toContain('https://fake.slack.com/archives/C0RELEASES1/p');
        expect(world.slack.count('chat.getPermalink')).toBe(2);
      }),
  );

  test('fails in one line where Slack refuses', () =>
    withWorld(async (world) => {
      world.slack.fault('chat.getPermalink', { error: 'message_not_found' });
      const step = await getPermalink(world);
      expect(step).toMatchObject({ code: 1, stdout: '' });
      expect(step.stderr).toContain(
        'get: Slack refused chat.getPermalink: message_not_found [SLACK_REFUSED]',
      );
      expect(world.slack.count()).toBe(1);
    }));
});
