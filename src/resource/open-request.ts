import { createHash } from 'node:crypto';
import type { OpenRequest, Origin } from '../approvals/contract.ts';
import { distinctPeople, MOST_PEOPLE } from '../approvals/distinct-people.ts';
import { canonicalJson } from '../kit/canonical-json.ts';
import { parseDuration } from '../kit/duration.ts';
import { Fault } from '../kit/fault.ts';
import { formatSize } from '../kit/size.ts';
import { truncate, utc } from '../slack/mrkdwn.ts';
import type { PreparedArtifact } from './artifacts.ts';
import { readContext } from './context-values.ts';
import { readTextFile } from './files.ts';
import { readMentions } from './mentions.ts';
import type { ApprovalPut } from './params.ts';
import type { StepContext } from './run-step.ts';
import type { ApprovalParams } from './schema.ts';
import { checkedChannel } from './targets.ts';
import { fill } from './template.ts';
import type { Vars } from './template.ts';

const LONGEST = { title: 1000, details: 8000, subject: 500, key: 500 } as const;
const LONGEST_LINK_TITLE = 300;

export interface OpenParts {
  readonly put: ApprovalPut;
  readonly vars: Vars;
  readonly origin: Origin;
  readonly context: Pick<StepContext, 'dir' | 'log'>;
}

/** What is asked of the listener, but for the links: all templates filled, all files read. Faults: PARAMS_INVALID, TEMPLATE_INVALID, FILE_*. */
export function openRequest({ put, vars, origin, context }: OpenParts): OpenRequest {
  const { approval } = put.params;
  const where = 'params.approval.context';
  const about = readContext(
    { where, plain: approval.context, files: approval.context_files },
    { ...context, vars },
  );
  // What is decided can be named in the question.
  const names = new Map([...Object.entries(about), ...vars]);
  const plain = (key: keyof typeof LONGEST, text: string | undefined) =>
    text === undefined ? undefined : bounded(fill(text, names, 'plain'), key, `params.approval.${key}`);
  const content = {
    gate: approval.gate ?? put.source.gate ?? '',
    title: plain('title', approval.title) ?? '',
    context: about,
    wait: approval.wait ?? true,
    ...given('for_build', isForBuild(put, origin) || undefined),
    ...given('details', plain('details', approval.details) ?? detailsOf(approval, context.dir)),
    ...given('subject', plain('subject', approval.subject)),
    ...given('supersede', approval.supersede),
    ...given('approvers', people(approval.approvers, 'params.approval.approvers')),
    ...given('quorum', approval.quorum),
    ...given('timeout_seconds', seconds(approval.timeout)),
    ...given('require_reason', approval.require_reason),
    ...given('not_by', notBy(approval, context.dir)),
    ...given('remind_every_seconds', seconds(approval.remind_every)),
    ...given('abandon_after_seconds', seconds(approval.abandon_after)),
    ...channelsOf(put, vars),
    ...given('mention', mentionsOf(put.params.mention, vars)),
  };
  if (content.title.trim() === '') throw empty('params.approval.title');
  const own = [...vars].filter(([name]) => !/^(?:BUILD|ATC)_/.test(name));
  const whole = [content, put.params.artifacts, own];
  return { ...content, key: plain('key', approval.key) ?? defaultKey(origin, whole), origin };
}

// The version of a gate resource's put may start a later job, which claims it; every other put that waits asks for itself.
function isForBuild({ params: { approval }, source }: ApprovalPut, { build_id: build }: Origin): boolean {
  return (approval.wait ?? true) && source.gate === undefined && build !== undefined;
}

/** The links to artifacts, as approvers see them. Faults: PARAMS_INVALID for more than a card takes. */
export function linksOf(artifacts: readonly PreparedArtifact[]): NonNullable<OpenRequest['links']> {
  const most = 20;
  if (artifacts.length > most) {
    throw new Fault('PARAMS_INVALID', `params.artifacts: ${artifacts.length} links, a card takes ${most}`, {
      hint: 'pack them into one archive, or link to an index of them',
    });
  }
  return artifacts.flatMap(({ title, size, link }) =>
    link
      ? [
          {
            title: truncate(title, LONGEST_LINK_TITLE),
            url: link.url,
            note: `${formatSize(size)}, until ${utc(link.expiresAt)}`,
          },
        ]
      : [],
  );
}

// Two puts of one build look alike to Concourse (C15): what they ask tells them apart.
function defaultKey(origin: Origin, content: unknown): string {
  const { team, pipeline, instance_vars: instance, job, build_id: build } = origin;
  const whole = canonicalJson([team, pipeline, instance, job, build, content]);
  const digest = createHash('sha256').update(whole).digest('hex');
  const place = [team, pipeline, job, build].map((part) => (part ?? '-').slice(0, 60)).join('/');
  return `${place}/${digest}`;
}

function detailsOf({ details_file: path }: ApprovalParams['approval'], dir: string): string | undefined {
  if (path === undefined) return undefined;
  const text = readTextFile(dir, path, 'params.approval.details_file').trim();
  return text === '' ? undefined : bounded(text, 'details', `params.approval.details_file (${path})`);
}

// One person a line: the git resource writes the e-mail address of the committer so.
function notBy({ not_by: named = [], not_by_files: files = [] }: ApprovalParams['approval'], dir: string) {
  const fromFiles = files.flatMap((path, index) => {
    const where = `params.approval.not_by_files[${index}]`;
    const lines = readTextFile(dir, path, where).split('\n');
    const people = lines.map((line) => line.trim()).filter((line) => line !== '');
    if (people.length === 0) throw empty(`${where} (${path})`);
    if (people.some((line) => line.length > 200)) {
      throw new Fault('FILE_INVALID', `${where}: ${path} does not name people`, {
        hint: 'write one Slack id, e-mail address or user name on each line',
      });
    }
    return people;
  });
  const where = files.length === 0 ? 'params.approval.not_by' : 'params.approval.not_by with not_by_files';
  return people([...named, ...fromFiles], where);
}

function people(named: readonly string[] | undefined, where: string): string[] | undefined {
  const all = distinctPeople(named ?? []);
  if (all.length > MOST_PEOPLE)
    throw new Fault('PARAMS_INVALID', `${where}: ${all.length} people, at most ${MOST_PEOPLE}`, {
      hint: 'name those who matter for this request, or a user group (S…) of them',
    });
  return all.length === 0 ? undefined : [...all];
}

// The channel of the source is where the resource posts messages: no wish to have this card there at any price.
function channelsOf({ params, source }: ApprovalPut, vars: Vars) {
  if (params.channel !== undefined)
    return { channel: checkedChannel(fill(params.channel, vars, 'plain'), 'params.channel') };
  if (source.channel === undefined) return {};
  return { preferred_channel: checkedChannel(source.channel, 'source.channel') };
}

function mentionsOf(list: readonly string[] | undefined, vars: Vars): string[] | undefined {
  if (list === undefined) return undefined;
  readMentions(list, vars);
  return people(
    list.map((text) => fill(text, vars, 'plain')),
    'params.mention',
  );
}

function bounded(text: string, key: keyof typeof LONGEST, where: string): string {
  const most = LONGEST[key];
  if (text.length <= most) return text;
  throw new Fault('PARAMS_INVALID', `${where}: ${text.length} characters, at most ${most}`, {
    hint: 'say the essential, and link to the rest with artifacts: [{ file: …, as: link }]',
  });
}

function empty(where: string): Fault {
  return new Fault('PARAMS_INVALID', `${where} is empty`, {
    hint: 'check the step that writes it, or the values it is made of',
  });
}

function seconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

// Absent keys stay absent: they are the listener's to decide.
function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  const entry: Partial<Record<K, V>> = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}
