import { isRecord } from '../arguments.ts';

/** Where problems of one `blocks` argument are gathered. */
interface Report {
  add(message: string, pointer: string): void;
  /** Whether a `slack_file` object names an image that can be shown now. */
  usableFile(reference: Readonly<Record<string, unknown>>): boolean;
}

/** Checks one value at a JSON pointer. */
export type Check = (value: unknown, pointer: string, report: Report) => void;

export interface Shape {
  readonly required?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
  /** Lets unknown properties pass: for what this fake only knows in part. */
  readonly open?: boolean;
}

/** An object of known properties; `type` is always one of them. */
export function object(shape: Shape, ...more: Check[]): Check {
  const required = shape.required ?? {};
  const known: Readonly<Record<string, Check>> = { type: () => undefined, ...required, ...shape.optional };
  return (value, pointer, report) => {
    if (!isRecord(value)) return report.add('must be an object', pointer);
    for (const name of Object.keys(required)) {
      if (value[name] === undefined) report.add(`missing required field: ${name}`, pointer);
    }
    for (const [name, field] of Object.entries(value)) {
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      if (check !== undefined) check(field, `${pointer}/${name}`, report);
      else if (shape.open !== true) report.add(`invalid additional property: ${name}`, pointer);
    }
    for (const check of more) check(value, pointer, report);
  };
}

/** Chooses the check by `type`; Slack names a type it does not know. */
export function byType(checks: Readonly<Record<string, Check>>): Check {
  return (value, pointer, report) => {
    const type = isRecord(value) ? value['type'] : undefined;
    if (typeof type !== 'string') return report.add('missing required field: type', pointer);
    const check = Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check === undefined) report.add(`unsupported type: ${type}`, `${pointer}/type`);
    else check(value, pointer, report);
  };
}

/** A string of 1 (or `min`) to `max` characters. */
export function text(max: number, min = 1): Check {
  return (value, pointer, report) => {
    if (typeof value !== 'string') return report.add('must be a string', pointer);
    if (value.length < min) report.add(`must be more than ${min - 1} characters`, pointer);
    if (value.length > max) report.add(`must be less than ${max + 1} characters`, pointer);
  };
}

export function oneOf(...allowed: readonly unknown[]): Check {
  return (value, pointer, report) => {
    if (!allowed.includes(value)) report.add('must be a valid enum value', pointer);
  };
}

export function wholeNumber(min: number, max: number): Check {
  return (value, pointer, report) => {
    if (typeof value !== 'number' || !Number.isInteger(value))
      return report.add('must be an integer', pointer);
    if (value < min) report.add(`must be more than ${min - 1}`, pointer);
    if (value > max) report.add(`must be less than ${max + 1}`, pointer);
  };
}

export const flag: Check = oneOf(true, false);

export function list(item: Check, max: number, min = 1): Check {
  return (value, pointer, report) => {
    if (!Array.isArray(value)) return report.add('must be an array', pointer);
    if (value.length < min) report.add(`no less than ${min} items allowed`, pointer);
    if (value.length > max) return report.add(`no more than ${max} items allowed`, pointer);
    for (const [index, one] of value.entries()) item(one, `${pointer}/${index}`, report);
  };
}

/** An absolute address of at most 3000 characters. */
export function address(...protocols: readonly string[]): Check {
  const length = text(3000);
  return (value, pointer, report) => {
    length(value, pointer, report);
    const url = typeof value === 'string' ? URL.parse(value) : null;
    const known = url !== null && (protocols.length === 0 || protocols.includes(url.protocol));
    if (!known || (typeof value === 'string' && /\s/.test(value))) report.add('invalid url', pointer);
  };
}

/** Exactly one of two properties. */
export function either(one: string, other: string): Check {
  return (value, pointer, report) => {
    if (!isRecord(value) || (value[one] === undefined) !== (value[other] === undefined)) return;
    const both = value[one] !== undefined;
    report.add(
      both
        ? `must not define both \`${one}\` and \`${other}\``
        : `must define either \`${one}\` or \`${other}\``,
      `${pointer}/type`,
    );
  };
}
