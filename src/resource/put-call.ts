import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { sha256Hex } from '../aws/sigv4.ts';
import type { GatewayAnswer } from '../gateway/answer.ts';
import { callApi } from '../gateway/call-api.ts';
import type { GatewayPorts } from '../gateway/call-api.ts';
import type { GatewayCall } from '../gateway/call.ts';
import type { GatewayConnection } from '../gateway/connection.ts';
import { pollUntil } from '../gateway/poll.ts';
import type { Poll } from '../gateway/poll.ts';
import { isHarmless, nameOf } from '../gateway/refusal.ts';
import { fillText } from '../gateway/template.ts';
import type { Scope } from '../gateway/template.ts';
import { systemClock } from '../kit/clock.ts';
import { parseDuration } from '../kit/duration.ts';
import { Fault } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import { formatSize } from '../kit/size.ts';
import { keyWithin } from '../s3/key.ts';
import type { Objects } from '../s3/objects.ts';
import type { Build } from './build.ts';
import { openGateway, readCall, scopeOf } from './call-request.ts';
import { headersKey } from './get-call.ts';
import type { CallPut } from './params.ts';
import type { Answer } from './put-message.ts';
import type { StepContext } from './run-step.ts';
import type { CallParams } from './schema.ts';
import { storageWith } from './storage.ts';
import { warnOfNumbers } from './warn-of-numbers.ts';

/**
 * The put that calls a service behind API Gateway. Everything that can be wrong without it comes first: params, files, keys,
 * identity; then the call, once; then what waits for it and what stores its answer. Faults: GATEWAY_*, S3_*, AWS_IDENTITY.
 */
export async function putCall(
  { source, params }: CallPut,
  build: Build,
  context: StepContext,
): Promise<Answer> {
  warnOfNumbers(params.vars, 'params.vars', context.log);
  const scope = scopeOf(params, build, context.dir);
  const call = readCall(params.call, scope, context.dir);
  const saved = savedKey(params.call, scope, source.prefix);
  const { connection, credentials } = openGateway(source, params.aws?.web_identity_token, context);
  const http = createHttp(context.env);
  const ports = { http, clock: systemClock, log: context.log, credentials, signal: context.signal };
  const { s3 } = source;
  const objects =
    saved && s3 ? storageWith({ ...source, s3 }, await credentials(), context, http).objects : undefined;

  const begun = systemClock.now();
  const answer = await callAndWait({ call, poll: params.call.poll, scope, connection, ports });
  const took = systemClock.now() - begun;
  context.log.info(`${nameOf(call)}: ${answer.status} in ${seconds(took)}`);
  if (saved && objects) await save(answer, saved.full, objects, { call, context });
  return {
    version: {
      call: call.idempotencyKey ?? idOf(call, connection, build),
      status: String(answer.status),
      digest: digestOf(answer.body),
      ...(saved && { saved: saved.relative }),
    },
    // Facts for a person: neither query nor bodies, which may hold what not everybody should see (C9).
    metadata: [
      { name: 'call', value: nameOf(call) },
      { name: 'status', value: String(answer.status) },
      { name: 'took', value: seconds(took) },
      { name: 'size', value: formatSize(answer.body.length) },
      ...(saved ? [{ name: 'saved', value: saved.relative }] : []),
    ],
  };
}

interface Calling {
  readonly call: GatewayCall;
  readonly poll: CallParams['call']['poll'];
  readonly scope: Scope;
  readonly connection: GatewayConnection;
  readonly ports: GatewayPorts;
}

async function callAndWait({ call, poll, scope, connection, ports }: Calling): Promise<GatewayAnswer> {
  let answer: GatewayAnswer | undefined;
  try {
    answer = await callApi(call, connection, ports);
    if (!poll) return answer;
    const start = { answer, scope, call, where: 'params.call' };
    return await pollUntil(pollOf(poll), start, connection, ports);
  } catch (error) {
    if (ports.signal?.aborted && !isHarmless(call))
      ports.log.warn(
        `${nameOf(call)} was ${answer ? `answered ${answer.status}, and goes on` : 'under way and may have been done'}`,
      );
    throw error;
  }
}

function pollOf(poll: NonNullable<CallParams['call']['poll']>): Poll {
  return {
    ...poll,
    everySeconds: parseDuration(poll.every ?? ''),
    timeoutSeconds: parseDuration(poll.timeout ?? ''),
  };
}

function savedKey({ save_to: template }: CallParams['call'], scope: Scope, prefix: string) {
  if (template === undefined) return undefined;
  const relative = fillText(template, scope);
  if (!relative.endsWith('/')) return { relative, full: keyWithin(prefix, relative) };
  throw new Fault('KEY_REFUSED', `params.call.save_to: ${JSON.stringify(relative)} is a folder`, {
    hint: 'name the object, such as calls/{{BUILD_ID}}.json',
  });
}

async function save(
  { headers, body }: GatewayAnswer,
  key: string,
  objects: Objects,
  { call, context }: { call: GatewayCall; context: StepContext },
): Promise<void> {
  const put = (name: string, type: string, bytes: Buffer) =>
    objects.put(name, type, () => ({
      stream: Readable.from([bytes], { objectMode: false }),
      length: bytes.length,
    }));
  try {
    await put(headersKey(key), 'application/json', Buffer.from(`${JSON.stringify(headers, null, 2)}\n`));
    await put(key, typeOf(headers['content-type']), body);
  } catch (error) {
    context.log.warn(`${nameOf(call)} was done; only storing its answer failed`);
    throw error;
  }
}

// What a service says of its answer is signed on its way to S3, and only ASCII is sure to arrive as it was signed.
function typeOf(given = ''): string {
  return /^[!-~](?:[ -~]{0,199}[!-~])?$/.test(given) ? given : 'application/octet-stream';
}

/** The same content in the same build is the same call (C15); an idempotency key says it better. */
function idOf(call: GatewayCall, { origin, basePath }: GatewayConnection, build: Build): string {
  const parts = [
    ...['BUILD_TEAM_NAME', 'BUILD_PIPELINE_NAME', 'BUILD_JOB_NAME', 'BUILD_ID'].map((name) =>
      build.vars.get(name),
    ),
    call.method,
    origin + basePath + call.path,
    call.query,
    sha256Hex(call.body ?? ''),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function digestOf(body: Buffer): string {
  return `sha256:${sha256Hex(body)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
