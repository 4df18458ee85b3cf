import { describe, expect, test } from 'vitest';
import { ALICE, BOB, withActions } from './with-actions.ts';

describe.concurrent('a button that a put has posted', () => {
  test('runs its action once, after a dialog with the real values that only its person sees', () =>
    withActions({}, async (world) => {
      expect((await world.put()).code).toBe(0);
      const dialog = await world.ask();
      expect(dialog).toMatchObject({ user: ALICE, via: 'response_url' });
      expect(JSON.stringify(dialog.blocks)).toContain('Deploy app for alice?');
      expect(world.slack.ephemerals(BOB)).toEqual([]);
      expect(world.gateway.calls).toEqual([]);

      expect((await world.press(dialog, 'Run')).status).toBe(200);
      const report = await world.reported(/\*deploy\* is done/);
      expect(report).toMatchObject({ app: world.slack.apps.listener.id, channel: 'C0RELEASES1' });
      expect(report.thread_ts).toBe(world.slack.messages('releases')[0]?.ts);
      expect(JSON.stringify(report.blocks)).toContain(`run by <@${ALICE}>`);
      expect(JSON.stringify(report.blocks)).toContain('POST /deploy was answered 202');
      expect(world.slack.ephemerals(ALICE).map(({ text }) => text)).toEqual([
        'Running deploy. What becomes of it is said in the thread.',
      ]);
      expect(world.gateway.calls).toHaveLength(1);
      expect(world.gateway.calls[0]).toMatchObject({
        refused: undefined,
        headers: { 'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/) },
      });
      expect(world.gateway.deployments.begun).toMatchObject([
        { order: { deployment: 'app', user_id: ALICE, by: 'ci-main' } },
      ]);
      expect(world.slack.warnings).toEqual([]);
      expect(await world.metric('listener_actions_total{status="done"}')).toBe(1);
      await world.stop();
      expect(await world.verb('verify-audit')).toContain(' 0 problems');
    }));
});
