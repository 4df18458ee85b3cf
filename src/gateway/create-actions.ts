import type { Engine } from '../durable/engine.ts';
import type { Registration } from '../slack/handlers.ts';
import { takeActionClicks } from './action-clicks.ts';
import { actionMachine } from './action-machine.ts';
import type { ActionPorts } from './action-machine.ts';
import type { ActionClickPorts } from './action-ports.ts';
import { allowanceMachine, onceMachine } from './allowance.ts';
import { prepareRun } from './prepare-run.ts';

export interface ActionOptions
  extends Omit<ActionClickPorts, 'actions' | 'onces' | 'allowances' | 'reach'>,
    Omit<ActionPorts, 'onces' | 'prepare' | 'tellAlone'> {
  readonly engine: Engine;
}

/** Runs that this process remembers where to answer. */
const MOST_REACHED = 1000;

/** Makes the runs of actions known to the engine, and gives the door for clicks on their buttons. */
export function createActions(options: ActionOptions): { takeClicks: (intake: Registration) => void } {
  const { engine, show } = options;
  const onces = engine.keep(onceMachine);
  const allowances = engine.keep(allowanceMachine);
  // Not in the record: whoever knows a response URL can write in the name of the app.
  const urls = new Map<string, string>();
  const actions = engine.keep(
    actionMachine({
      ...options,
      onces,
      prepare: (run) => prepareRun(run, true, options),
      async tellAlone(id, { text, blocks }) {
        const url = urls.get(id);
        return url !== undefined && show(url, { text, ...(blocks && { blocks }), replace: false });
      },
    }),
  );
  const reach = (id: string, url: string) => {
    urls.set(id, url);
    for (const oldest of urls.keys()) {
      if (urls.size <= MOST_REACHED) break;
      urls.delete(oldest);
    }
  };
  const eligible = inTime(options);
  return {
    takeClicks: (intake) =>
      takeActionClicks(intake, { ...options, eligible, actions, onces, allowances, reach }),
  };
}

/** Who waits longer is told to click again, before Slack itself says that something went wrong (S15). */
const LONGEST_LOOK_MS = 2000;

function inTime({ eligible, clock }: Pick<ActionOptions, 'eligible' | 'clock'>): ActionOptions['eligible'] {
  return async (user, allow) => {
    const over = new AbortController();
    const late = clock.sleep(LONGEST_LOOK_MS, over.signal).then(() => {
      throw new Error('Slack does not say in time');
    });
    try {
      return await Promise.race([eligible(user, allow), late]);
    } finally {
      late.catch(() => undefined);
      over.abort();
    }
  };
}
