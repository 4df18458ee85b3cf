import { Fault } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import { readTextFile } from './files.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';
import { warnOfNumbers } from './warn-of-numbers.ts';

const LONGEST_VALUE = 8192;
const LONGEST_CONTEXT = 16_384;
const MOST_ENTRIES = 50;

export interface ContextParams {
  /** Place in params, for messages: `params.approval.context`. */
  readonly where: string;
  readonly plain: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly files: Readonly<Record<string, string>> | undefined;
}

/**
 * What a decision is about: values of params with templates filled in, and contents of files without blanks around them.
 * Faults: FILE_*, TEMPLATE_INVALID, PARAMS_INVALID for more than the listener keeps.
 */
export function readContext(
  { where, plain, files }: ContextParams,
  { vars, dir, log }: { readonly vars: Vars; readonly dir: string; readonly log: Log },
): Record<string, string> {
  const context: Record<string, string> = {};
  warnOfNumbers(plain, where, log);
  for (const [name, value] of Object.entries(plain ?? {}))
    context[name] = bounded(fill(String(value), vars, 'plain'), `${where}.${name}`);
  for (const [name, path] of Object.entries(files ?? {})) {
    const place = `${where}_files.${name}`;
    context[name] = bounded(readTextFile(dir, path, place).trim(), `${place} (${path})`);
  }
  const all = Object.entries(context);
  const size = all.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0);
  if (all.length > MOST_ENTRIES) throw tooMuch(where, `${all.length} entries, at most ${MOST_ENTRIES}`);
  if (size > LONGEST_CONTEXT) throw tooMuch(where, `${size} bytes, at most ${LONGEST_CONTEXT}`);
  return context;
}

function bounded(value: string, where: string): string {
  if (value.length <= LONGEST_VALUE) return value;
  throw tooMuch(where, `${value.length} characters, at most ${LONGEST_VALUE}`);
}

function tooMuch(where: string, what: string): Fault {
  return new Fault('PARAMS_INVALID', `${where}: ${what}`, {
    hint: 'name what is decided by a version or a digest, and link to the rest with artifacts',
  });
}
