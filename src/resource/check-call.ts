import { isRecord } from '../kit/json.ts';
import { checkIdentity, needed } from './check-artifact.ts';
import type { MessageContext } from './check-message.ts';
import type { Problem } from './problems.ts';
import type { CallParams, GetParams } from './schema.ts';

type Record_ = Readonly<Record<string, unknown>>;

/** What a schema cannot say of a put that calls a service. */
export function checkCall(params: CallParams, context: MessageContext, told: readonly Problem[]): Problem[] {
  const raw: Record_ = isRecord(context.rawSource) ? context.rawSource : {};
  const call: Record_ = isRecord(params.call) ? params.call : {};
  const problems = [...checkGateway(raw, context), ...checkIdentity(params.aws, context.source)];
  if (raw['gate'] !== undefined && raw['gate'] !== null)
    problems.push({
      path: 'params.call',
      message:
        'a gate resource accepts only approval (with wait: true) and claim: any other version would open the gate; use a second resource without gate',
    });
  if (call['body'] !== undefined && call['body_file'] !== undefined)
    problems.push({ path: 'params.call.body_file', message: 'cannot stand beside body' });
  const method = call['method'] ?? 'GET';
  const body = ['body', 'body_file'].find((key) => call[key] !== undefined);
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    problems.push({
      path: `params.call.${body}`,
      message: `a ${method} has no body: ${call['method'] === undefined ? 'set method: POST' : 'use query'}`,
    });
  if (call['save_to'] !== undefined) {
    problems.push(...needed(raw, 's3', 'for params.call.save_to'));
    if (context.source?.s3 && !context.source.aws.region && !context.source.aws.endpoint)
      problems.push({ path: 'source.aws.region', message: 'required for params.call.save_to' });
  }
  return problems.filter(({ path }) => !told.some((other) => other.path === path));
}

/** What a schema cannot say of `get_params.call`: a get may run at any time, so it changes nothing and is over at once. */
export function checkGetCall(
  params: GetParams,
  context: MessageContext,
  told: readonly Problem[],
): Problem[] {
  const call: unknown = params.call;
  if (!isRecord(call)) return [];
  const raw: Record_ = isRecord(context.rawSource) ? context.rawSource : {};
  const problems = checkGateway(raw, context);
  if (call['method'] !== undefined && call['method'] !== 'GET' && call['method'] !== 'HEAD')
    problems.push({ path: 'params.call.method', message: 'must be GET or HEAD: a get changes nothing' });
  for (const key of ['body', 'body_file', 'save_to', 'poll', 'idempotency_key']) {
    if (call[key] !== undefined)
      problems.push({ path: `params.call.${key}`, message: 'belongs to a put: a get only looks' });
  }
  return problems.filter(({ path }) => !told.some((other) => other.path === path));
}

function checkGateway(raw: Record_, { source }: MessageContext): Problem[] {
  const problems = needed(raw, 'gateway', 'to call a service');
  if (source?.gateway && source.gateway.auth !== 'none' && source.gateway.region === undefined)
    problems.push({
      path: 'source.gateway.region',
      message: 'required: neither the host of gateway.url nor aws.region tells it',
    });
  return problems;
}
