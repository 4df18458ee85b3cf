import { isRecord } from '../kit/json.ts';
import type { ApprovalStatus, ApprovalView, DecisionsView, ErrorView } from './contract.ts';

type Fields = Readonly<Record<string, unknown>>;

const STATUSES: readonly ApprovalStatus[] = [
  'requested',
  'approved',
  'denied',
  'timed_out',
  'withdrawn',
  'expired',
];
const CODES: readonly ErrorView['error']['code'][] = [
  'invalid',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'too_many_open',
  'rate_limited',
  'unavailable',
];

/** The listener's answer about an approval, or undefined when it is no such answer. Fields it may leave out and that have another form are left out. */
export function readApprovalView(value: unknown): ApprovalView | undefined {
  if (!isRecord(value)) return undefined;
  const approval = textAt(value, 'approval');
  const gate = textAt(value, 'gate');
  const status = STATUSES.find((each) => each === value['status']);
  const asked = timeAt(value, 'asked_at');
  const ends = timeAt(value, 'ends_at');
  const context = stringsOf(value['context']);
  if (!approval || !gate || !status || !asked || !ends || !context) return undefined;
  return {
    approval,
    gate,
    status,
    revision: numberAt(value, 'revision'),
    title: textAt(value, 'title') ?? '',
    context,
    votes: numberAt(value, 'votes'),
    quorum: numberAt(value, 'quorum'),
    approvers: namesAt(value, 'approvers'),
    ...('unmatched' in value && { unmatched: namesAt(value, 'unmatched') }),
    asked_at: asked,
    ends_at: ends,
    ...pickText(value, ['subject', 'reason', 'note', 'claimed_by', 'channel', 'permalink']),
    ...pickTimes(value, ['decided_at', 'valid_until']),
    ...((value['use'] === 'once' || value['use'] === 'many') && { use: value['use'] }),
    ...(value['for_build'] === true && { for_build: true }),
  };
}

/** The listener's decisions of a gate, or undefined when it is no such answer. */
export function readDecisionsView(value: unknown): DecisionsView | undefined {
  if (!isRecord(value) || !Array.isArray(value['decisions'])) return undefined;
  const gate = textAt(value, 'gate');
  const decisions = value['decisions'].map((item: unknown) => {
    const approval = isRecord(item) ? textAt(item, 'approval') : undefined;
    const status = isRecord(item) ? STATUSES.find((each) => each === item['status']) : undefined;
    return approval && status ? { approval, status } : undefined;
  });
  const known = decisions.filter((item) => item !== undefined);
  return gate === undefined || known.length < decisions.length ? undefined : { gate, decisions: known };
}

/** The listener's refusal, or undefined when somebody else has answered. */
export function readErrorView(value: unknown): ErrorView['error'] | undefined {
  const error = isRecord(value) ? value['error'] : undefined;
  if (!isRecord(error)) return undefined;
  const code = CODES.find((each) => each === error['code']);
  const message = textAt(error, 'message');
  if (!code || !message) return undefined;
  const hint = textAt(error, 'hint');
  return { code, message: oneLine(message), ...(hint !== undefined && { hint: oneLine(hint) }) };
}

// A line break would make foreign words look like a line of the step's own.
function oneLine(text: string): string {
  return text.replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ');
}

function textAt(value: Fields, key: string): string | undefined {
  const text = value[key];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function namesAt(value: Fields, key: string): readonly string[] {
  const names = value[key];
  return Array.isArray(names) ? names.map(String) : [];
}

function timeAt(value: Fields, key: string): string | undefined {
  const text = textAt(value, key);
  return text !== undefined && Number.isFinite(Date.parse(text)) ? text : undefined;
}

function numberAt(value: Fields, key: string): number {
  const number = value[key];
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

function stringsOf(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
}

function pickText<K extends string>(value: Fields, keys: readonly K[]): Partial<Record<K, string>> {
  return pick(value, keys, textAt);
}

function pickTimes<K extends string>(value: Fields, keys: readonly K[]): Partial<Record<K, string>> {
  return pick(value, keys, timeAt);
}

function pick<K extends string>(
  value: Fields,
  keys: readonly K[],
  read: (value: Fields, key: string) => string | undefined,
): Partial<Record<K, string>> {
  const picked: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const text = read(value, key);
    if (text !== undefined) picked[key] = text;
  }
  return picked;
}
