import { expect, test } from 'vitest';
import { withListenerProcess } from '../support/listener-process.ts';
import type { ListenerSetup } from '../support/listener-process.ts';
import { ALICE, cardsOf, doorOf, press, step } from './attack/door.ts';

const CALM = 'sensitive-listener-token-of-the-calm';

/** Two tokens at one gate; the one of the pipelines may have so many requests open. */
function withTokens(most: number | undefined): ListenerSetup {
  const token = { may: ['open', 'read', 'claim'], gates: ['release'] };
  return {
    gate: { approvers: [ALICE] },
    config: {
      tokens: [
        { ...token, name: 'ci-main', token: 'sensitive-listener-token-of-pipelines', max_open: most },
        { ...token, name: 'ci-calm', token: CALM },
      ],
    },
  };
}

test('a put is refused with one line and a remedy while its token has as many open requests as it may', () =>
  withListenerProcess(withTokens(2), async (listener) => {
    const door = doorOf(listener, listener.slack);
    const first = await door.ask();
    await door.ask();
    await listener.stop('SIGKILL');
    await listener.start();
    const put = () =>
      step(listener, { params: { approval: { gate: 'release', title: 'Ship?', wait: false } } });
    const refused = await put();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'put: the listener refuses to ask for an approval: the token ci-main has 2 open requests already, as many as it may [APPROVAL_REFUSED]',
    );
    expect(refused.stderr).toContain(
      '  hint: have some decided or withdrawn, or let the operator raise its max_open: ',
    );
    expect(await listener.metrics()).toContain('listener_approvals_refused_total{reason="token_full"} 1\n');
    await listener.verb('withdraw', first.id, '--as', 'dana');
    await door.becomes(first.id, 'withdrawn');
    await expect.poll(async () => (await put()).code).toBe(0);
  }));

test('a token that asks hundreds of times gets its default of 20 cards, and the card of another comes', () =>
  withListenerProcess(withTokens(undefined), async (listener) => {
    const { slack } = listener;
    const flood = doorOf(listener, slack);
    const answers = await Promise.all(Array.from({ length: 300 }, () => flood.open()));
    const count = (status: number) => answers.filter((each) => each.status === status).length;
    expect([count(201), count(429)]).toEqual([20, 280]);
    const calm = doorOf({ ...listener, token: CALM }, slack);
    const { id, card } = await calm.ask();
    await press(slack, card, 'Approve');
    await calm.becomes(id, 'approved');
    expect(cardsOf(slack).length).toBeLessThanOrEqual(21);
  }));
