import { didYouMean } from '../../kit/did-you-mean.ts';
import { isRecord, kindOf } from '../../kit/json.ts';

export type Report = (pointer: string, message: string) => void;

/** Reports what is wrong with the value at a JSON pointer; `name` says in words what it is, as in `button text`. */
export type Check = (value: unknown, at: string, name: string, report: Report) => void;

/** Reports what is wrong between the fields of one object. */
export type Rule = (value: Record<string, unknown>, at: string, name: string, report: Report) => void;

/** Fields of an object and their checks; a name that ends in `!` is required. */
export type Fields = Readonly<Record<string, Check>>;

/** A map with these fields. Keys that are not listed pass: Slack keeps adding some. */
export function object(fields: Fields, ...rules: readonly Rule[]): Check {
  return a(isRecord, 'a map', (value, at, name, report) => {
    for (const [key, check] of Object.entries(fields)) {
      const field = key.replace('!', '');
      if (value[field] !== undefined) check(value[field], `${at}/${field}`, `${name} ${field}`, report);
      else if (field !== key) report(at, `${name} needs ${field}`);
    }
    for (const rule of rules) rule(value, at, name, report);
  });
}

/** The sentence for a type that Slack knows, though not in this place. */
export type Elsewhere = (type: string, name: string) => string | undefined;

/** For a list of types that is open: only a slip of the pen is reported. */
export const UNLISTED_PASS: Elsewhere = () => '';

/** A map whose `type` chooses the check, which is then named after the type. */
export function variant(checks: Fields, elsewhere?: Elsewhere): Check {
  return a(isRecord, 'a map', (value, at, name, report) => {
    const { type } = value;
    if (typeof type !== 'string')
      return report(
        at,
        `${name} ${type === undefined ? 'has no type' : `type is ${kindOf(type)}, want a string`}`,
      );
    const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check) return check(value, at, type, report);
    const known = elsewhere?.(type, name);
    const guess = known ? undefined : didYouMean(type, Object.keys(checks));
    const unknown = `unknown ${name} type ${quote(type)}`;
    const problem = guess ? `${unknown}, did you mean ${guess}?` : (known ?? unknown);
    if (problem) report(`${at}/type`, problem);
  });
}

/**
 * A list of `min` to `max` items; each item of `section fields` is a `section field`. Slack takes few empty lists:
 * rich_text may have them (slackapi/python-slack-sdk#1576), menus may not (yhatt/jsx-slack#85).
 */
export function list(item: Check, max = Infinity, min = 1, remedy = ''): Check {
  return a(isList, 'a list', (value, at, name, report) => {
    const space = name.lastIndexOf(' ');
    const count = `${name.slice(0, space)} has ${value.length}${name.slice(space)}, at`;
    if (value.length > max) report(at, `${count} most ${max}${remedy}`);
    if (value.length < min) report(at, `${count} least ${min}`);
    value.forEach((each, index) => item(each, `${at}/${index}`, name.replace(/s$/, ''), report));
  });
}

/**
 * A string of `min` to `max` characters, counted as Unicode code points. Slack's pages only say "characters", but its
 * `blocks.validate` takes a header of 150 emoji (probed by nicklambourne/slackblocks, spec/CHANGELOG.md).
 */
export function string(max = Infinity, min = 0, remedy = ''): Check {
  return a(isString, 'a string in quotes', (value, at, name, report) => {
    const length = value.length > max ? codePoints(value) : value.length;
    if (length > max) report(at, `${name} is ${length} characters, at most ${max}${remedy}`);
    if (length < min) report(at, `${name} is empty`);
  });
}

/** An http or https address of at most 3,000 characters; where Slack asks for https, https alone. */
export function url(schemes = 'http or https'): Check {
  const shape = schemes === 'https' ? /^https:\/\/\S+$/i : /^https?:\/\/\S+$/i;
  return (value, at, name, report) => {
    string(3000)(value, at, name, report);
    if (isString(value) && !shape.test(value)) report(at, `${name} is not an ${schemes} address`);
  };
}

/** A whole number within bounds. */
export function integer(min: number, max = Infinity): Check {
  return (value, at, name, report) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      const have = typeof value === 'number' ? value : kindOf(value);
      report(at, `${name} is ${have}, want a whole number from ${min}${max < Infinity ? ` to ${max}` : ''}`);
    }
  };
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): Check {
  return a(isString, or(words), (value, at, name, report) => {
    if (!words.includes(value)) report(at, `${name} is ${quote(value)}, want ${or(words)}`);
  });
}

/** Nothing at all, for the reason given. */
export function never(reason: string, key = '/type'): Check {
  return (_value, at, _name, report) => report(at + key, reason);
}

/** Whatever it is. */
export const anything: Check = () => {};

/** At least one of the fields. */
export function needsOneOf(...fields: readonly string[]): Rule {
  return (value, at, name, report) => {
    if (fields.every((field) => value[field] === undefined)) report(at, `${name} needs ${or(fields)}`);
  };
}

/** One of two fields, and not both. */
export function eitherOf(first: string, second: string): Rule {
  return (value, at, name, report) => {
    if ((value[first] === undefined) === (value[second] === undefined))
      report(at, `${name} needs either ${first} or ${second}, and not both`);
  };
}

export function codePoints(text: string): number {
  return Array.from(text).length;
}

/** A word of the author's in quotes, cut short: it stands in a one-line message. */
export function quote(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
}

/** A value of one kind, checked further; `want` says the kind in words. */
export function a<T>(
  is: (value: unknown) => value is T,
  want: string,
  check: (value: T, at: string, name: string, report: Report) => void,
): Check {
  return (value, at, name, report) => {
    if (is(value)) check(value, at, name, report);
    else report(at, `${name} is ${kindOf(value)}, want ${want}`);
  };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function or(words: readonly string[]): string {
  return words.join(', ').replace(/, (\w+)$/, ' or $1');
}
