import type { Actor } from './actor.ts';
import { isUserId, isYes } from './actor.ts';
import type { FormProblem, Parsed } from './form.ts';
import { parseForm } from './form.ts';

/** A slash command. */
export interface Command extends Actor {
  readonly type: 'command';
  /** With its slash. */
  readonly command: string;
  readonly text: string;
  readonly channelId: string;
  readonly triggerId: string | undefined;
  readonly responseUrl: string | undefined;
}

export type CommandProblem = FormProblem | 'ssl_check' | 'incomplete';

/** Reads the body of a request to a command's address. */
export function parseCommand(body: Buffer): Parsed<Command, CommandProblem> {
  const form = parseForm(body);
  if (!form.ok) return form;
  if (form.value.has('ssl_check')) return { ok: false, reason: 'ssl_check' };
  return readCommand(Object.fromEntries(form.value));
}

/** Reads the fields of a command, from a form or an envelope. */
export function readCommand(fields: Readonly<Record<string, unknown>>): Parsed<Command, CommandProblem> {
  const field = (name: string): string | undefined => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const command = field('command');
  const userId = field('user_id');
  const appId = field('api_app_id');
  const channelId = field('channel_id');
  const complete = command !== undefined && userId !== undefined && appId !== undefined;
  if (!complete || channelId === undefined || !isUserId(userId)) return { ok: false, reason: 'incomplete' };
  const value: Command = {
    type: 'command',
    command,
    text: field('text')?.toWellFormed() ?? '',
    channelId,
    triggerId: field('trigger_id'),
    responseUrl: field('response_url'),
    userId,
    userName: field('user_name'),
    // A command is run in one's own workspace: the only team that is named is that of the person.
    userTeamId: field('team_id'),
    appId,
    teamId: field('team_id'),
    enterpriseId: field('enterprise_id'),
    enterpriseInstall: isYes(fields['is_enterprise_install']),
  };
  return { ok: true, value };
}

/**
 * True for the unsigned probe that Slack sends to a command's address to see its certificate: `ssl_check` is `1` exactly, and
 * nothing that could be done stands beside it (S14, bolt-js 2899).
 */
export function isProbe(body: Buffer): boolean {
  if (body.length > 1024) return false;
  const form = parseForm(body);
  if (!form.ok || form.value.get('ssl_check') !== '1') return false;
  return [...form.value.keys()].every((name) => name === 'ssl_check' || name === 'token');
}
