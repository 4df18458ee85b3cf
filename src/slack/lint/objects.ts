import { isRecord, kindOf } from '../../kit/json.ts';
import {
  a,
  type Check,
  eitherOf,
  list,
  needsOneOf,
  never,
  object,
  oneOf,
  quote,
  string,
  url,
} from './check.ts';

// Numbers: docs.slack.dev/reference/block-kit/composition-objects, and @slack/types 3.2.0.

/** A text object with 1 to `max` characters. */
export function text(max: number, remedy?: string, types = ['plain_text', 'mrkdwn']): Check {
  const want = types.join(' or ');
  return a(isRecord, `a map with type (${want}) and text`, ({ type, text: words }, at, name, report) => {
    if (type === undefined) report(at, `${name} has no type, want ${want}`);
    else if (typeof type !== 'string' || !types.includes(type))
      report(
        `${at}/type`,
        `${name} must be ${want}, not ${typeof type === 'string' ? quote(type) : kindOf(type)}`,
      );
    if (words === undefined) report(at, `${name} has no text`);
    else string(max, 1, remedy)(words, `${at}/text`, name, report);
  });
}

/** A text object where Slack takes plain_text alone. */
export function plain(max: number, remedy?: string): Check {
  return text(max, remedy, ['plain_text']);
}

export const style = oneOf('primary', 'danger');

export const confirm = object({
  'title!': plain(100),
  'text!': text(300),
  'confirm!': plain(30),
  'deny!': plain(30),
  style,
});

/** Slack's page of the option object says 150 characters; its types still say 75. A refusal that Slack would not give is worse. */
const value = string(150);
const noUrl = never('option url works in an overflow menu only', '');
const label = plain(75);
const boxLabel = text(75);

export const menuOption = object({ 'text!': label, description: label, 'value!': value, url: noUrl });
export const boxOption = object({ 'text!': boxLabel, description: boxLabel, 'value!': value, url: noUrl });
export const overflowOption = object(
  { 'text!': label, description: label, value, url: url() },
  needsOneOf('value', 'url'),
);
export const optionGroup = object({ 'label!': label, 'options!': list(menuOption, 100) });

/** What an image block and an image element share: a description and one source (S9 says which source lasts). */
export const image = {
  'alt_text!': string(2000),
  image_url: url(),
  slack_file: object({ id: fileId, url: url() }, eitherOf('id', 'url')),
};
export const oneImageSource = eitherOf('image_url', 'slack_file');

function fileId(...[value, at, name, report]: Parameters<Check>): void {
  if (typeof value !== 'string' || !/^F[A-Z0-9]{8,}$/.test(value))
    report(at, `${name} is not a file id such as F0123456789`);
}
