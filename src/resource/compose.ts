import { Fault, messageOf } from '../kit/fault.ts';
import { signedValue } from '../slack/action-value.ts';
import { lintMessage } from '../slack/lint.ts';
import type { ButtonPart, MessageParts } from '../slack/message.ts';
import type { Messages } from '../slack/overflow.ts';
import type { Build } from './build.ts';
import { readTextFile } from './files.ts';
import { withoutNulls } from './nulls.ts';
import type { Button, MessageParams } from './schema.ts';
import type { Source } from './source.ts';
import { fill, fillBlocks } from './template.ts';
import type { Vars } from './template.ts';

/** What the author wrote, with values put in: everything of a message but mentions and artifacts. */
export interface Written extends Pick<MessageParts, 'text' | 'plain' | 'blocks'> {
  readonly buttons: readonly Button[];
}

/** The values for `{{name}}`: the build's, then those of the author. Faults: FILE_*. */
export function readVars(
  params: { vars?: MessageParams['vars']; vars_files?: MessageParams['vars_files'] },
  build: Build,
  dir: string,
): Vars {
  const vars = new Map(build.vars);
  for (const [name, value] of Object.entries(params.vars ?? {})) vars.set(name, String(value));
  for (const [name, path] of Object.entries(params.vars_files ?? {})) {
    vars.set(name, readTextFile(dir, path, `params.vars_files.${name}`));
  }
  return vars;
}

/** Reads and fills text, blocks and buttons. Faults: FILE_*, TEMPLATE_INVALID, PARAMS_INVALID when all of it is empty. */
export async function compose(
  params: MessageParams,
  build: Build,
  vars: Vars,
  dir: string,
): Promise<Written> {
  const plain = params.format === 'plain';
  const blocks =
    params.blocks ?? (params.blocks_file === undefined ? [] : await readBlocks(dir, params.blocks_file));
  const filled = fillBlocks(withoutNulls(blocks), vars);
  const written = {
    text: textOf(params, build, vars, dir),
    plain,
    blocks: Array.isArray(filled) ? filled : [],
    buttons: (params.buttons ?? []).map((button) => fillButton(button, vars)),
  };
  refuseEmpty(written, params);
  return written;
}

// A file or a value that an earlier step left empty would else become a message that says nothing.
function refuseEmpty({ text, blocks, buttons }: Written, params: MessageParams): void {
  const given = (['text', 'text_file', 'blocks_file'] as const).find((key) => params[key] !== undefined);
  const other = [blocks, buttons, params.artifacts ?? []].some((list) => list.length > 0);
  if (given === undefined || other || text?.trim()) return;
  const file = given === 'text' ? '' : ` (${params[given]})`;
  throw new Fault('PARAMS_INVALID', `params.${given}${file} is empty, and there is nothing else to send`, {
    hint: 'check the step that writes it, or the values it is made of',
  });
}

/** Refuses, before any call, what Slack would refuse. Faults: BLOCKS_INVALID with the json-pointer of every problem. */
export function lint({ message, replies }: Messages): void {
  const problems = [message, ...replies].flatMap((one) => lintMessage(one));
  if (problems.length === 0) return;
  const text = problems.map((problem) => `${problem.pointer}: ${problem.message}`).join('; ');
  throw new Fault('BLOCKS_INVALID', text, {
    hint: 'pointers count from 0 in the message as it would be sent: dry_run: true prints it',
  });
}

/** Buttons as Block Kit takes them. An action's value is signed for one channel; without its id there is none to sign for. */
export function buttonParts(
  buttons: readonly Button[],
  channel: string | undefined,
  source: Source,
  now: number,
): ButtonPart[] {
  return buttons.flatMap(({ text, url, action, value, style }, index): ButtonPart[] => {
    if (action === undefined) return [{ text, url, style, actionId: `url-${index + 1}` }];
    if (channel === undefined || !source.listener) return [];
    const signed = signedValue({ action, value: value ?? null, channel }, source.listener.token, now);
    return [{ text, value: signed, style, actionId: `action-${index + 1}-${action}`.slice(0, 255) }];
  });
}

function textOf(params: MessageParams, build: Build, vars: Vars, dir: string): string | undefined {
  if (params.text_file !== undefined) return readTextFile(dir, params.text_file, 'params.text_file');
  if (params.text !== undefined)
    return fill(params.text, vars, params.format === 'plain' ? 'plain' : 'mrkdwn');
  const silent =
    params.blocks ?? params.blocks_file ?? params.artifacts ?? params.react ?? params.delete_from;
  return silent === undefined ? statusLine(build, vars) : undefined;
}

const EMOJI = {
  succeeded: 'white_check_mark',
  failed: 'x',
  errored: 'warning',
  aborted: 'no_entry_sign',
} as const;

// What a put says by itself under on_success, on_failure, on_error and on_abort.
function statusLine(build: Build, vars: Vars): string | undefined {
  if (build.status === undefined) return undefined;
  const label = build.url === undefined ? '{{label}}' : '<{{BUILD_URL}}|{{label}}>';
  const template = `:${EMOJI[build.status]}: ${label} ${build.status}`;
  return fill(template, new Map([...vars, ['label', build.label]]), 'mrkdwn');
}

async function readBlocks(dir: string, path: string): Promise<readonly unknown[]> {
  const text = readTextFile(dir, path, 'params.blocks_file');
  const { parseYaml } = await import('../kit/yaml.ts');
  let value: unknown;
  try {
    // JSON is YAML. Its warnings would quote the file on stderr past everybody who masks secrets.
    value = parseYaml(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch (cause) {
    const line = messageOf(cause).split('\n')[0]?.replace(/:$/, '');
    throw new Fault('FILE_INVALID', `params.blocks_file: ${path} is neither JSON nor YAML: ${line}`, {
      hint: 'mend it at that place',
      cause,
    });
  }
  const blocks: unknown =
    typeof value === 'object' && value !== null && 'blocks' in value ? value.blocks : value;
  if (Array.isArray(blocks)) return blocks;
  throw new Fault('FILE_INVALID', `params.blocks_file: ${path} holds no list of blocks`, {
    hint: 'it must be a list, or a map with the key blocks as the Block Kit Builder gives it',
  });
}

function fillButton(button: Button, vars: Vars): Button {
  const plain = (text: string) => fill(text, vars, 'plain');
  const url = button.url === undefined ? undefined : fill(button.url, vars, 'url');
  if (url !== undefined && !/^https?:\/\/[^\s<>|]+$/i.test(url)) {
    throw new Fault(
      'TEMPLATE_INVALID',
      `the url of button "${button.text}" is not an http or https address once filled in`,
      {
        hint: 'check the values it is made of',
      },
    );
  }
  return {
    ...button,
    text: plain(button.text),
    ...(url !== undefined && { url }),
    ...(button.value !== undefined && { value: fillBlocks(button.value, vars) }),
  };
}
