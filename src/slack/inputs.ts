import { isRecord } from '../kit/json.ts';
import { stringAt, valueAt } from './answer.ts';

/** What one input of a message or a modal holds. */
export interface InputValue {
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  /** What was typed. */
  readonly value: string | undefined;
  /** What was chosen: values of options, ids of people and channels, dates. */
  readonly selected: readonly string[];
}

/** The inputs of `state.values`, which Slack keys by block and action. */
export function inputsOf(state: unknown): readonly InputValue[] {
  const values = valueAt(state, 'values');
  if (!isRecord(values)) return [];
  return Object.entries(values).flatMap(([blockId, actions]) =>
    isRecord(actions)
      ? Object.entries(actions).map(([actionId, input]) => ({
          blockId,
          actionId,
          type: stringAt(input, 'type') ?? '',
          value: stringAt(input, 'value')?.toWellFormed(),
          selected: selectedIn(input),
        }))
      : [],
  );
}

/** What was typed into the input with this action id, without white space around it; undefined when that is nothing. */
export function typedInto(inputs: readonly InputValue[], actionId: string): string | undefined {
  const text = inputs.find((input) => input.actionId === actionId)?.value?.trim();
  return text === '' ? undefined : text;
}

/** What an element says was chosen in it, of whatever kind it is. */
export function selectedIn(element: unknown): readonly string[] {
  if (!isRecord(element)) return [];
  return Object.entries(element)
    .filter(([key]) => key.startsWith('selected_'))
    .flatMap(([, chosen]) => (Array.isArray(chosen) ? chosen : [chosen]))
    .map((chosen) => (isRecord(chosen) ? chosen['value'] : chosen))
    .filter((chosen) => chosen !== null && chosen !== undefined)
    .filter((chosen) => typeof chosen === 'string' || typeof chosen === 'number')
    .map((chosen) => String(chosen).toWellFormed());
}
