import { isRecord } from '../arguments.ts';
import type { Check, Shape } from './check.ts';
import { address, byType, either, flag, list, object, oneOf, text, wholeNumber } from './check.ts';
import { plainText, textObject } from './text-object.ts';

const confirm = object({
  required: { title: plainText(100), text: textObject(300) },
  optional: { confirm: plainText(30), deny: plainText(30), style: oneOf('primary', 'danger') },
});

const button = object({
  required: { text: plainText(75) },
  optional: {
    action_id: text(255),
    url: address(),
    value: text(2000),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: text(75),
  },
});

/** The `slack_file` object: an id, or a private or permanent link, of an image the app can use now (S9). */
const slackFile: Check = (value, pointer, report) => {
  if (!isRecord(value) || (value['id'] === undefined) === (value['url'] === undefined))
    return report.add('must define either `id` or `url`', pointer);
  const { id } = value;
  if (id !== undefined && (typeof id !== 'string' || !/^F[A-Z0-9]{8,}$/.test(id)))
    report.add('failed to match regex pattern: ^[F][A-Z0-9]{8,}$', `${pointer}/id`);
  else if (!report.usableFile(value)) report.add('invalid slack file', pointer);
};

const imageSource = { image_url: address('https:', 'http:'), slack_file: slackFile };

/** An image, as element or as block. */
export const image: Check = object(
  { required: { alt_text: text(2000) }, optional: imageSource },
  either('image_url', 'slack_file'),
);

export const imageBlock: Check = object(
  {
    required: { alt_text: text(2000) },
    optional: { ...imageSource, title: plainText(2000), block_id: text(255) },
  },
  either('image_url', 'slack_file'),
);

const option: Shape = {
  required: { text: textObject(75), value: text(150) },
  optional: { description: textObject(75) },
};
const choice = object(option);
const menuLink = object({ ...option, optional: { ...option.optional, url: address() } });

const overflow = object({
  required: { options: list(menuLink, 5) },
  optional: { action_id: text(255), confirm },
});

const common = { action_id: text(255), placeholder: plainText(150), confirm, focus_on_load: flag };

const selectOptions = {
  options: list(choice, 100),
  option_groups: list(object({ required: { label: plainText(75), options: list(choice, 100) } }), 100),
};
const staticSelect = object(
  { optional: { ...common, ...selectOptions, initial_option: choice } },
  either('options', 'option_groups'),
);
const multiSelect = object(
  {
    optional: {
      ...common,
      ...selectOptions,
      initial_options: list(choice, 100),
      max_selected_items: wholeNumber(1, 100),
    },
  },
  either('options', 'option_groups'),
);
const boxes = object({
  required: { options: list(choice, 10) },
  optional: { ...common, initial_options: list(choice, 10), initial_option: choice },
});
const partlyKnown = object({ optional: common, open: true });

const pickers = [
  'users_select',
  'conversations_select',
  'channels_select',
  'external_select',
  'multi_users_select',
  'multi_conversations_select',
  'multi_channels_select',
  'multi_external_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'workflow_button',
];

const interactive: Readonly<Record<string, Check>> = {
  button,
  overflow,
  static_select: staticSelect,
  multi_static_select: multiSelect,
  checkboxes: boxes,
  radio_buttons: boxes,
  ...Object.fromEntries(pickers.map((type) => [type, partlyKnown])),
};

const length = (min: number): Check => wholeNumber(min, 3000);
const dispatch = object({
  optional: { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
});
const typed = { ...common, initial_value: text(3000, 0), dispatch_action_config: dispatch };

const inputs: Readonly<Record<string, Check>> = {
  plain_text_input: object({
    optional: { ...typed, multiline: flag, min_length: length(0), max_length: length(1) },
  }),
  email_text_input: object({ optional: typed }),
  url_text_input: object({ optional: typed }),
  number_input: object({
    required: { is_decimal_allowed: flag },
    optional: { ...typed, min_value: text(100), max_value: text(100) },
  }),
  file_input: partlyKnown,
  rich_text_input: partlyKnown,
};

export const actionElement: Check = byType(interactive);
export const accessory: Check = byType({ ...interactive, image });
export const contextElement: Check = byType({ image, plain_text: plainText(2000), mrkdwn: textObject(2000) });
export const contextAction: Check = byType({ feedback_buttons: partlyKnown, icon_button: partlyKnown });
// What a person fills in; a button is none of it.
const { button: _button, overflow: _overflow, workflow_button: _workflow, ...choices } = interactive;
export const inputElement: Check = byType({ ...choices, ...inputs });
export const cardButton: Check = byType({ button });
