import {
  anything,
  type Check,
  eitherOf,
  type Fields,
  integer,
  list,
  object,
  type Rule,
  string,
  url,
  variant,
} from './check.ts';
import {
  boxOption,
  confirm,
  image,
  menuOption,
  oneImageSource,
  optionGroup,
  overflowOption,
  plain,
  style,
} from './objects.ts';
import { richTextBlock } from './rich-text.ts';

// Numbers: docs.slack.dev/reference/block-kit/block-elements, and @slack/types 3.2.0. Places: `compatible-block-elements`
// of docs.slack.dev/blocks.json and the unions of @slack/types.

/** Where an element may stand. */
type Place = 'actions' | 'section' | 'input' | 'context_actions' | 'card' | 'picture';

const ANY = 'actions section input';
const spokenLabel = string(75);

/** What means the same in every element that has it. */
const SHARED: Fields = {
  action_id: string(255),
  value: string(2000),
  url: url(),
  style,
  confirm,
  accessibility_label: spokenLabel,
  placeholder: plain(150),
  initial_option: boxOption,
  initial_options: list(boxOption),
  max_selected_items: integer(1),
};

const label = { 'text!': plain(75) };
const boxes = action(ANY, { 'options!': list(boxOption, 10) });
const listedHere = action(
  ANY,
  { options: list(menuOption, 100), option_groups: list(optionGroup, 100) },
  eitherOf('options', 'option_groups'),
);
const plainAction = action(ANY);
const field = action('input');
const feedback = object({ ...label, 'value!': string(2000), accessibility_label: spokenLabel });

const ELEMENTS: Readonly<Record<string, readonly [places: string, check: Check]>> = {
  button: action('actions section card', label),
  workflow_button: action('actions section', { ...label, 'workflow!': object({}) }),
  overflow: action('actions section', { 'options!': list(overflowOption, 5) }),
  checkboxes: boxes,
  radio_buttons: boxes,
  static_select: listedHere,
  external_select: plainAction,
  users_select: plainAction,
  conversations_select: plainAction,
  channels_select: plainAction,
  multi_static_select: listedHere,
  multi_external_select: plainAction,
  multi_users_select: plainAction,
  multi_conversations_select: plainAction,
  multi_channels_select: plainAction,
  datepicker: plainAction,
  timepicker: plainAction,
  datetimepicker: action('actions input'),
  plain_text_input: action('input', { min_length: integer(0, 3000), max_length: integer(1, 3000) }),
  email_text_input: field,
  url_text_input: field,
  number_input: action('input', { 'is_decimal_allowed!': anything }),
  rich_text_input: action('actions input', { initial_value: richTextBlock }),
  file_input: action('input', { max_files: integer(1, 10) }),
  feedback_buttons: action('context_actions', { 'positive_button!': feedback, 'negative_button!': feedback }),
  icon_button: action('context_actions', { 'text!': plain(3000), 'icon!': anything }),
  image: ['section picture', object(image, oneImageSource)],
};

/** An element that may stand in this place, or one of the further types. */
export function elementOf(place: Place, more: Fields = {}, remedy = ''): Check {
  const fit = Object.entries(ELEMENTS).filter(([, [places]]) => places.split(' ').includes(place));
  const checks = Object.fromEntries(fit.map(([type, [, check]]) => [type, check]));
  return variant({ ...more, ...checks }, (type, name) =>
    isElement(type) ? `${name} cannot be ${type}${remedy}` : undefined,
  );
}

export function isElement(type: string): boolean {
  return Object.hasOwn(ELEMENTS, type);
}

function action(places: string, fields: Fields = {}, ...rules: readonly Rule[]): readonly [string, Check] {
  return [places, object({ ...SHARED, ...fields }, ...rules)];
}
