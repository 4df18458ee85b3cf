import { randomBytes } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** Something in blocks that a person can use. */
export interface Control {
  readonly blockId: string;
  readonly actionId: string;
  /** Such as `button` or `plain_text_input`. */
  readonly type: string;
  /** What is written on it; empty for an input. */
  readonly label: string;
  readonly element: Json;
  /** It stands in an `input` block, which must be filled in unless it is optional. */
  readonly required: boolean;
}

const buttons = ['button', 'overflow', 'workflow_button', 'icon_button', 'feedback_buttons'];
const inputs = [
  'static_select',
  'multi_static_select',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'multi_conversations_select',
  'channels_select',
  'multi_channels_select',
  'external_select',
  'multi_external_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'checkboxes',
  'radio_buttons',
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'file_input',
  'rich_text_input',
];

/** Everything in blocks that can be clicked or filled in, in order. Blocks need their ids: `withIds`. */
export function controlsOf(blocks: readonly unknown[]): Control[] {
  return blocks.flatMap((block) => (isRecord(block) ? inside(block, text(block['block_id']), true) : []));
}

function inside(value: unknown, blockId: string, top: boolean, required = false): Control[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => inside(one, blockId, false, required));
  if (!isRecord(value)) return [];
  const type = text(value['type']);
  if (!top && (buttons.includes(type) || inputs.includes(type))) {
    return [
      {
        blockId,
        type,
        required,
        element: value,
        actionId: text(value['action_id']),
        label: labelOf(value),
      },
    ];
  }
  const own = typeof value['block_id'] === 'string' ? value['block_id'] : blockId;
  const must = type === 'input' && value['optional'] !== true;
  return Object.values(value).flatMap((one) => inside(one, own, false, must));
}

/** True for what carries a value rather than being clicked. */
export function holdsValue(control: Control): boolean {
  return inputs.includes(control.type);
}

/** The one control with this `action_id` or, failing that, this text on it; fails by name. */
export function findControl(blocks: readonly unknown[], wanted: string, where: string): Control {
  const all = controlsOf(blocks);
  const byId = all.filter((control) => control.actionId === wanted);
  const found = byId.length > 0 ? byId : all.filter((control) => control.label === wanted);
  const [only] = found;
  const there = all.map((control) => `${control.label} (${control.actionId})`).join(', ');
  if (only === undefined)
    throw new Error(`no ${wanted} in ${where}; there is: ${there || 'nothing to click'}`);
  if (found.length > 1) throw new Error(`${found.length} of ${wanted} in ${where}; there is: ${there}`);
  return only;
}

function labelOf(element: Json): string {
  const written = element['text'];
  return isRecord(written) ? text(written['text']) : '';
}

const known = new WeakMap<object, Json>();

/** Blocks with the `block_id` and `action_id` that Slack makes up where the app gave none; the same ones each time. */
export function withIds(blocks: readonly unknown[]): readonly unknown[] {
  return blocks.map((block) => {
    if (!isRecord(block)) return block;
    const named = known.get(block) ?? { ...nameActions(block), block_id: block['block_id'] ?? madeUp() };
    known.set(block, named);
    return named;
  });
}

/** A view with ids in its blocks. */
export function withBlockIds(view: Json): Json {
  return Array.isArray(view['blocks']) ? { ...view, blocks: withIds(view['blocks']) } : view;
}

function nameActions(value: Json): Json {
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, nameWithin(one)]);
  return Object.fromEntries(entries);
}

function nameWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nameWithin);
  if (!isRecord(value)) return value;
  const type = text(value['type']);
  const named = nameActions(value);
  const clickable = buttons.includes(type) || inputs.includes(type);
  return clickable && value['action_id'] === undefined ? { ...named, action_id: madeUp() } : named;
}

function madeUp(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
