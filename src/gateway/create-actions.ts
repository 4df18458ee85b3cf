import type { Engine } from '../durable/engine.ts';
import type { Registration } from '../slack/handlers.ts';
import { prepareRun, takeActionClicks } from './action-clicks.ts';
import type { ActionClickPorts } from './action-clicks.ts';
import { actionMachine } from './action-machine.ts';
import type { ActionPorts } from './action-machine.ts';
import { allowanceMachine, onceMachine } from './allowance.ts';

export interface ActionOptions
  extends Omit<ActionClickPorts, 'actions' | 'onces' | 'allowances'>,
    Omit<ActionPorts, 'onces' | 'prepare'> {
  readonly engine: Engine;
}

/** Makes the runs of actions known to the engine, and gives the door for clicks on their buttons. */
export function createActions(options: ActionOptions): { takeClicks: (intake: Registration) => void } {
  const { engine } = options;
  const onces = engine.keep(onceMachine);
  const allowances = engine.keep(allowanceMachine);
  const actions = engine.keep(
    actionMachine({ ...options, onces, prepare: (run) => prepareRun(run, true, options) }),
  );
  return { takeClicks: (intake) => takeActionClicks(intake, { ...options, actions, onces, allowances }) };
}
