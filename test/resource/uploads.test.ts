import { expect, test } from 'vitest';
import { withWorld } from '../support/world.ts';

test('takes a message back when its files cannot be shared, and says so (S5)', () =>
  withWorld(async ({ put, slack }) => {
    const step = await put(
      { channel: 'C0PUBLIC001', text: 'Nightly', artifacts: [{ file: 'out/a.log', as: 'upload' }] },
      { files: { 'out/a.log': 'log' } },
    );
    expect(step).toMatchObject({ code: 1, stdout: '' });
    expect(step.stderr).toContain('not_in_channel; the message was taken back [SLACK_REFUSED]');
    expect(slack.messages('public')).toEqual([]);
  }));
