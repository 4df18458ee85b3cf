import { prepareAction } from './action.ts';
import type { ActionClick, Prepared } from './action.ts';
import type { PreparePorts } from './action-ports.ts';
import type { ActionRun } from './action-record.ts';

/** The call of a run by the action as it is now, for somebody who may or may not. */
export function prepareRun(run: ActionRun, allowed: boolean, ports: PreparePorts): Prepared {
  const { action, value, channel, nonce, issuedAt, messageTs, clickId } = run;
  const click: ActionClick = {
    action,
    value,
    channel,
    nonce,
    issuedAt,
    messageTs,
    clickId,
    token: { name: run.token, actions: offeredBy(run.token, ports) },
    user: { ...run.user, allowed },
  };
  return prepareAction(ports.actionOf(action), click, run.startedAt ?? ports.clock.now(), ports.restoredAt);
}

/** The actions that the holder of a token may offer now; none when the token is gone. */
export function offeredBy(token: string, { tokens }: Pick<PreparePorts, 'tokens'>): ReadonlySet<string> {
  return new Set(
    tokens()
      .filter(({ name }) => name === token)
      .flatMap(({ actions }) => [...actions]),
  );
}
