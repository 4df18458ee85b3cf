import type { IncomingMessage } from 'node:http';
import { Refusal, refusalWith } from './refusal.ts';

/** The arguments of one call, read the way Slack reads them. */
export interface Arguments {
  /** By name; JSON-valued ones (`blocks`, `files`, …) decoded. */
  readonly all: Readonly<Record<string, unknown>>;
  text(name: string): string | undefined;
  required(name: string): string;
  flag(name: string): boolean | undefined;
  integer(name: string): number | undefined;
  /** A JSON array; `refusal` is the code when it is something else. */
  list(name: string, refusal: string): readonly unknown[] | undefined;
  object(name: string, refusal: string): Readonly<Record<string, unknown>> | undefined;
}

const jsonValued = new Set(['blocks', 'attachments', 'metadata', 'files', 'file_ids', 'view']);

/** Reads a form or JSON body, and the query of a GET. */
export function parseArguments(req: IncomingMessage, query: URLSearchParams, body: Buffer): Arguments {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const all: Record<string, unknown> = fromForm(query);
  if (type === 'application/json') Object.assign(all, fromJson(body));
  else if (type === 'application/x-www-form-urlencoded')
    Object.assign(all, fromForm(new URLSearchParams(body.toString('utf8'))));
  else if (body.length > 0) throw new Refusal(type === '' ? 'missing_post_type' : 'invalid_post_type');
  return reader(all);
}

export const noArguments: Arguments = reader({});

function fromForm(form: URLSearchParams): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [name, value] of form) all[name] = jsonValued.has(name) ? decoded(value) : value;
  return all;
}

function decoded(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function fromJson(body: Buffer): object {
  const value = decoded(body.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('invalid_json');
  return value;
}

function reader(all: Record<string, unknown>): Arguments {
  const text = (name: string) => {
    const value = all[name];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return {
    all,
    text,
    required(name) {
      const value = text(name);
      if (value !== undefined) return value;
      throw refusalWith('invalid_arguments', [`[ERROR] missing required field: ${name}`]);
    },
    flag(name) {
      const value = text(name);
      return value === undefined ? undefined : value === 'true' || value === '1';
    },
    integer(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (/^-?\d+$/.test(value)) return Number(value);
      throw refusalWith('invalid_arguments', [`[ERROR] must be an integer [json-pointer:/${name}]`]);
    },
    list(name, refusal) {
      const value = all[name];
      if (value === undefined || value === null || value === '') return undefined;
      if (!Array.isArray(value)) throw new Refusal(refusal);
      return value;
    },
    object(name, refusal) {
      const value = all[name];
      if (value === undefined || value === null || value === '') return undefined;
      if (!isRecord(value)) throw new Refusal(refusal);
      return value;
    },
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
