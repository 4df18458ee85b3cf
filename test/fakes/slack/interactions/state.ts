import type { Control } from './controls.ts';
import { controlsOf, holdsValue, isRecord } from './controls.ts';

type Json = Readonly<Record<string, unknown>>;

/** `state.values`: by block, then by action. */
export type StateValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a person fills in: by `action_id` or `block_id`; options are named by their value, several as a list. */
export type Filled = Readonly<Record<string, string | readonly string[] | null>>;

/** The state of a view as it is opened. */
export function initialState(view: Json): StateValues {
  return stateOf(Array.isArray(view['blocks']) ? view['blocks'] : [], {});
}

/** The state of blocks after a person has filled something in; a field that is not there fails by name. */
export function stateOf(blocks: readonly unknown[], filled: Filled): StateValues {
  const controls = controlsOf(blocks).filter(holdsValue);
  for (const name of Object.keys(filled)) {
    if (!controls.some((control) => names(control, name)))
      throw new Error(`no field ${name}; there is: ${controls.map((one) => one.actionId).join(', ')}`);
  }
  const values: Record<string, Record<string, unknown>> = {};
  for (const control of controls) {
    const name = Object.keys(filled).find((one) => names(control, one));
    const block = (values[control.blockId] ??= {});
    block[control.actionId] = name === undefined ? initial(control) : given(control, filled[name] ?? null);
  }
  return values;
}

/** What Slack's client says before it sends a form: the fields that are empty, or whose text has the wrong length. */
export function refusedFields(blocks: readonly unknown[], state: StateValues): string[] {
  return controlsOf(blocks)
    .filter(holdsValue)
    .flatMap((control) => {
      const value = state[control.blockId]?.[control.actionId];
      const content = isRecord(value)
        ? Object.entries(value).find(([key]) => key !== 'type')?.[1]
        : undefined;
      if (content === null || content === undefined || content === '' || isEmptyList(content))
        return control.required ? [`${control.actionId} is empty`] : [];
      const { min_length: min, max_length: max } = control.element;
      if (typeof content !== 'string') return [];
      if (typeof max === 'number' && content.length > max) return [`${control.actionId} is too long`];
      if (typeof min === 'number' && content.length < min) return [`${control.actionId} is too short`];
      return [];
    });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function names(control: Control, name: string): boolean {
  return control.actionId === name || control.blockId === name;
}

/** The property of a value, and that of the element that presets it. */
const properties: Readonly<Record<string, readonly [string, string]>> = {
  static_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  external_select: ['selected_option', 'initial_option'],
  multi_static_select: ['selected_options', 'initial_options'],
  multi_external_select: ['selected_options', 'initial_options'],
  checkboxes: ['selected_options', 'initial_options'],
  users_select: ['selected_user', 'initial_user'],
  multi_users_select: ['selected_users', 'initial_users'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  multi_conversations_select: ['selected_conversations', 'initial_conversations'],
  channels_select: ['selected_channel', 'initial_channel'],
  multi_channels_select: ['selected_channels', 'initial_channels'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
};

function propertiesOf(control: Control): readonly [string, string] {
  return properties[control.type] ?? ['value', 'initial_value'];
}

function initial(control: Control): Json {
  const [property, preset] = propertiesOf(control);
  const none = property.endsWith('s') ? [] : null;
  return { type: control.type, [property]: control.element[preset] ?? none };
}

/** The value as the payload shows it: of a menu the whole option. */
export function given(control: Control, value: string | readonly string[] | null): Json {
  const [property] = propertiesOf(control);
  const one = (text: string) => (property.startsWith('selected_option') ? optionOf(control, text) : text);
  if (value === null) return { type: control.type, [property]: property.endsWith('s') ? [] : null };
  if (typeof value === 'string')
    return { type: control.type, [property]: property.endsWith('s') ? [one(value)] : one(value) };
  return { type: control.type, [property]: value.map(one) };
}

function optionOf(control: Control, value: string): unknown {
  const { options, option_groups: groups } = control.element;
  const all = [options, ...(Array.isArray(groups) ? groups.map(optionsIn) : [])].flat();
  const found = all.find((option) => isRecord(option) && option['value'] === value);
  if (found === undefined) throw new Error(`${control.actionId} has no option ${value}`);
  return found;
}

function optionsIn(group: unknown): unknown {
  return isRecord(group) ? group['options'] : undefined;
}
