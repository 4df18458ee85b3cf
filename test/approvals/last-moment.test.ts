import { expect, test } from 'vitest';
import { BEN, withApprovals } from '../support/approvals-world.ts';
import { until } from '../support/gate.ts';

test('a denial that came in time counts, though the store takes as long as Slack waits to save it', () =>
  withApprovals(
    async ({ ask, click, clock, store, engine, view, becomes }) => {
      if (!('calls' in store)) throw new Error('not a store that can be slow');
      const { id, card } = await ask({ gate: 'silent' });
      clock.stop();
      clock.skip(Date.parse(String((await view(id))['ends_at'])) - 100 - clock.now());
      const { promise: slow, resolve: saves } = Promise.withResolvers<void>();
      const before = store.calls.save;
      store.next('save', () => slow);
      const clicked = click(card, 'Deny', BEN);
      await until(() => store.calls.save > before);
      clock.skip(3000);
      await engine().sweep();
      expect((await store.read(`approval/${id}`))?.status).toBe('open');
      saves();
      await clicked;
      expect(await becomes(id, 'denied')).toMatchObject({ approvers: ['ben'] });
      clock.go();
    },
    { gates: { silent: { onTimeout: 'approve', maxTimeoutMs: 3_600_000 } } },
  ));
