import { Fault } from '../kit/fault.ts';
import { headerProblem } from './headers.ts';
import { callPath } from './path.ts';
import { fillJson, fillText } from './template.ts';
import type { Scope } from './template.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Scalar = string | number | boolean;

/** A call as it is written, with `{{name}}` in its strings. */
export interface CallTemplate {
  readonly method?: Method | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutSeconds?: number | undefined;
  readonly expect?: readonly number[] | undefined;
  readonly retry?: Retry | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * `safe`: GET and HEAD, a call with an idempotency key, and what provably never left may be made again. `never`: nothing is.
 */
export type Retry = 'safe' | 'never';

/** A call with all its values, ready to be signed and sent. */
export interface GatewayCall {
  readonly method: Method;
  /** Percent-encoded, below the stage. */
  readonly path: string;
  /** Decoded pairs. */
  readonly query: readonly (readonly [string, string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Of one attempt; default: that of the connection. */
  readonly timeoutMs: number | undefined;
  /** Statuses that are a success; default 200 to 299. */
  readonly expect: readonly number[] | undefined;
  readonly retry: Retry;
  readonly idempotencyKey: string | undefined;
}

/** API Gateway's own limit, for what is sent and for what is answered. */
export const LARGEST_BODY = 10 * 1024 * 1024;

/** Puts values into a call and checks what comes of it; `where` names it in Faults. Faults: PARAMS_INVALID, TEMPLATE_INVALID. */
export function fillCall(template: CallTemplate, scope: Scope, where: string, file?: Buffer): GatewayCall {
  const method = template.method ?? 'GET';
  const body = file ?? bodyOf(template, scope);
  if (body !== undefined && body.length > LARGEST_BODY)
    invalid(
      `${where}.body is larger than 10 MB`,
      'API Gateway takes no more: store it in S3 and send its key',
    );
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    invalid(`${where}.body: a ${method} has none`, 'set method: POST, or use query');
  const idempotencyKey =
    template.idempotencyKey === undefined ? undefined : fillText(template.idempotencyKey, scope);
  return {
    method,
    path: callPath(template.path, scope, `${where}.path`),
    query: queryOf(template.query ?? {}, scope, where),
    headers: headersOf(template, {
      scope,
      where,
      idempotencyKey,
      hasFile: file !== undefined,
      hasBody: body !== undefined,
    }),
    body,
    timeoutMs: template.timeoutSeconds === undefined ? undefined : template.timeoutSeconds * 1000,
    expect: template.expect,
    retry: template.retry ?? 'safe',
    idempotencyKey,
  };
}

function bodyOf({ body }: CallTemplate, scope: Scope): Buffer | undefined {
  return body === undefined ? undefined : Buffer.from(JSON.stringify(fillJson(body, scope)));
}

function queryOf(query: NonNullable<CallTemplate['query']>, scope: Scope, where: string): [string, string][] {
  return Object.entries(query).flatMap(([name, given]) =>
    [given].flat().map((value): [string, string] => {
      const text = fillText(String(value), scope);
      if (!text.isWellFormed() || !name.isWellFormed())
        invalid(`${where}.query.${name} holds broken Unicode`);
      return [name, text];
    }),
  );
}

interface HeaderContext {
  readonly scope: Scope;
  readonly where: string;
  readonly idempotencyKey: string | undefined;
  readonly hasFile: boolean;
  readonly hasBody: boolean;
}

function headersOf(template: CallTemplate, context: HeaderContext): Record<string, string> {
  const { scope, where, idempotencyKey } = context;
  const headers: Record<string, string> = {};
  if (context.hasBody)
    headers['content-type'] = context.hasFile ? 'application/octet-stream' : 'application/json';
  for (const [name, given] of Object.entries(template.headers ?? {})) {
    const value = fillText(given, scope);
    const problem = headerProblem(name, value);
    if (problem !== undefined) invalid(`${where}.headers.${name.slice(0, 60)} ${problem}`);
    headers[name.toLowerCase()] = value.trim();
  }
  if (idempotencyKey === undefined) return headers;
  if (!/^[!-~]{1,255}$/.test(idempotencyKey))
    invalid(`${where}.idempotency_key must be 1 to 255 characters of ASCII without blanks`);
  if (headers['idempotency-key'] !== undefined)
    invalid(`${where}.headers.idempotency-key: cannot stand beside idempotency_key`);
  return { ...headers, 'idempotency-key': idempotencyKey };
}

function invalid(message: string, hint = 'check the values it is made of'): never {
  throw new Fault('PARAMS_INVALID', message, { hint });
}
