import { isRecord } from '../../kit/json.ts';
import * as problems from '../../kit/schema-problems.ts';

export type Tree = Readonly<Record<string, unknown>>;

/** `tokens[0].token` of the JSON pointer `/tokens/0/token`. */
export function pathOf(pointer: string): string {
  return problems.pathOf('', pointer).replace(/^\./, '');
}

/** The JSON pointer of a child. */
export function below(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Every text of a document with its place. */
export function textsAt(value: unknown, pointer = ''): { readonly pointer: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ pointer, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, at) => textsAt(item, below(pointer, at)));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => textsAt(child, below(pointer, key)));
}

/** The document with another value at each place that `turn` gives one for; lists and maps are gone into. */
export function mapped(
  value: unknown,
  turn: (value: unknown, pointer: string) => unknown,
  pointer = '',
): unknown {
  if (Array.isArray(value)) return value.map((item, at) => mapped(item, turn, below(pointer, at)));
  if (!isRecord(value)) return turn(value, pointer);
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mapped(child, turn, below(pointer, key))]),
  );
}

/** The map itself, or an empty one in place of anything else. */
export function record(value: unknown): Tree {
  return isRecord(value) ? value : {};
}

/** The list itself, or an empty one in place of anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a key that takes one or several. */
export function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}

/** True for a text that only looks like an address. */
export function isNoAddress(value: unknown): boolean {
  return typeof value === 'string' && !URL.canParse(value);
}

/** `gates.release`, `gates["main/*"]` */
export function placeOf(section: string, name: string): string {
  return /^[\w.-]{1,60}$/.test(name)
    ? `${section}.${name}`
    : `${section}[${JSON.stringify(name.slice(0, 60))}]`;
}
