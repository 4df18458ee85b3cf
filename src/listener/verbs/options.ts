import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { Fault, messageOf } from '../../kit/fault.ts';

/** Reads what follows a verb: exactly `words` words, and the options. Throws a Fault CONFIG_INVALID. */
export function readOptions<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  words: readonly string[],
  options: T,
): {
  readonly words: readonly string[];
  readonly values: ReturnType<typeof parseArgs<{ options: T }>>['values'];
} {
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length === words.length) return { words: positionals, values };
    throw new Error(words.length === 0 ? unexpected(positionals[0] ?? '') : `needs ${words.join(' ')}`);
  } catch (error) {
    throw new Fault('CONFIG_INVALID', messageOf(error), {
      hint: 'listener --help names all verbs and options',
    });
  }
}

function unexpected(word: string): string {
  const file = /\.(?:ya?ml|json)$/.test(word) ? ': the configuration is named by --config' : '';
  return `${JSON.stringify(word)} is not expected${file}`;
}
