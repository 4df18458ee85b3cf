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
export type Place = 'actions' | 'section' | 'input' | 'context_actions' | 'card' | 'picture';

const ANY = 'actions section input';
const placeholder = plain(150);
const accessibility_label = string(75);
const feedback = object({ 'text!': plain(75), 'value!': string(2000), accessibility_label });
const boxes = { 'options!': list(boxOption, 10), confirm };
const pushed = { 'text!': plain(75), style, confirm, accessibility_label };
const picker = { placeholder, confirm };
const menu = { ...picker, initial_option: menuOption };
const multiMenu = { ...picker, initial_options: list(menuOption), max_selected_items: integer(1) };
const choice = { options: list(menuOption, 100), option_groups: list(optionGroup, 100) };
const oneChoice = eitherOf('options', 'option_groups');

const ELEMENTS: Readonly<Record<string, readonly [places: string, check: Check]>> = {
  button: action('actions section card', { ...pushed, value: string(2000), url: url() }),
  workflow_button: action('actions section', {
    ...pushed,
    'workflow!': object({ 'trigger!': object({ 'url!': url() }) }),
  }),
  overflow: action('actions section', { 'options!': list(overflowOption, 5), confirm }),
  checkboxes: action(ANY, { ...boxes, initial_options: list(boxOption) }),
  radio_buttons: action(ANY, { ...boxes, initial_option: boxOption }),
  static_select: action(ANY, { ...menu, ...choice }, oneChoice),
  multi_static_select: action(ANY, { ...multiMenu, ...choice }, oneChoice),
  ...Object.fromEntries(
    ['external', 'users', 'conversations', 'channels'].flatMap((source) => [
      [`${source}_select`, action(ANY, menu)],
      [`multi_${source}_select`, action(ANY, multiMenu)],
    ]),
  ),
  datepicker: action(ANY, picker),
  timepicker: action(ANY, picker),
  datetimepicker: action('actions input', { confirm }),
  plain_text_input: action('input', {
    placeholder,
    min_length: integer(0, 3000),
    max_length: integer(1, 3000),
  }),
  email_text_input: action('input', { placeholder }),
  url_text_input: action('input', { placeholder }),
  number_input: action('input', { placeholder, 'is_decimal_allowed!': anything }),
  rich_text_input: action('actions input', { placeholder, initial_value: richTextBlock }),
  file_input: action('input', { max_files: integer(1, 10) }),
  feedback_buttons: action('context_actions', { 'positive_button!': feedback, 'negative_button!': feedback }),
  icon_button: action('context_actions', {
    'text!': plain(75),
    'icon!': string(),
    value: string(2000),
    confirm,
    accessibility_label,
  }),
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

function action(places: string, fields: Fields, ...rules: readonly Rule[]): readonly [string, Check] {
  return [places, object({ action_id: string(255), ...fields }, ...rules)];
}
