import { createListener } from '../approvals/client.ts';
import type { Listener } from '../approvals/client.ts';
import { systemClock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import type { StepContext } from './run-step.ts';
import type { Source } from './source.ts';

/** The listener of a source. Faults: SOURCE_INVALID when it names none; `why` says what it is needed for. */
export function listenerOf(
  source: Source,
  { env, log, signal }: Pick<StepContext, 'env' | 'log' | 'signal'>,
  why: string,
): Listener {
  if (source.listener)
    return createListener(source.listener, { http: createHttp(env), clock: systemClock, log, signal });
  throw new Fault('SOURCE_INVALID', `source.listener: required ${why}`, {
    hint: 'add listener: { url: …, token: … }',
  });
}
