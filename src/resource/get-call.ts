import { sha256Hex } from '../aws/sigv4.ts';
import type { GatewayAnswer } from '../gateway/answer.ts';
import { callApi } from '../gateway/call-api.ts';
import { LARGEST_BODY } from '../gateway/call.ts';
import { nameOf } from '../gateway/refusal.ts';
import type { Scope } from '../gateway/template.ts';
import { systemClock } from '../kit/clock.ts';
import { Fault } from '../kit/fault.ts';
import { createHttp } from '../kit/http.ts';
import type { Http } from '../kit/http.ts';
import { formatSize } from '../kit/size.ts';
import { keyWithin } from '../s3/key.ts';
import type { Objects } from '../s3/objects.ts';
import { readBuild } from './build.ts';
import { openGateway, readCall } from './call-request.ts';
import { openIdentity } from './identity.ts';
import type { StepContext } from './run-step.ts';
import type { GetParams } from './schema.ts';
import type { Source } from './source.ts';
import { storageWith } from './storage.ts';

type Version = Readonly<Record<string, string>>;

/** What a get of a call, or with one, adds to its files and metadata. */
export interface CallFiles {
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly metadata: readonly { readonly name: string; readonly value: string }[];
}

/** Where the headers of a stored answer are, beside its body. */
export function headersKey(key: string): string {
  return `${key}.headers.json`;
}

/**
 * The files of a version `{call, status, digest}`: what it says, and the stored answer if there is one. The call is not made
 * again (C11); only `get_params.call` makes one, which changes nothing. Faults: S3_*, GATEWAY_*, REQUEST_INVALID.
 */
export async function callFiles(
  version: Version,
  { source, params }: { source: Source; params: GetParams },
  context: StepContext,
): Promise<CallFiles> {
  const http = createHttp(context.env);
  const told = filesOfVersion(version);
  if (params.call)
    return merge(told, await freshAnswer(params.call, { source, params, version }, context, http));
  if (version['saved'] === undefined || version['call'] === undefined) return told;
  return merge(told, await savedAnswer(version, version['saved'], { source, params }, context, http));
}

function filesOfVersion(version: Version): CallFiles {
  const names = ['status', 'digest'].filter(
    (name) => version['call'] !== undefined && version[name] !== undefined,
  );
  const entries = names.map((name) => [name, version[name] ?? ''] as const);
  return { files: Object.fromEntries(entries), metadata: entries.map(([name, value]) => ({ name, value })) };
}

function merge(one: CallFiles, other: CallFiles): CallFiles {
  const names = new Set(other.metadata.map(({ name }) => name));
  return {
    files: { ...one.files, ...other.files },
    metadata: [...one.metadata.filter(({ name }) => !names.has(name)), ...other.metadata],
  };
}

async function savedAnswer(
  version: Version,
  saved: string,
  { source, params }: { source: Source; params: GetParams },
  context: StepContext,
  http: Http,
): Promise<CallFiles> {
  const { s3 } = source;
  if (!s3) {
    throw new Fault('SOURCE_INVALID', 'source.s3: required: the answer of this version is stored there', {
      hint: 'add s3: { bucket: … }, as in the put',
    });
  }
  const key = keyWithin(source.prefix, saved);
  const wish = { webIdentityToken: params.aws?.web_identity_token, wantSeconds: 900 };
  const credentials = await openIdentity(source.aws, wish, context);
  const { objects } = storageWith({ ...source, s3 }, credentials, context, http);
  const [body, headers] = await Promise.all([readObject(objects, key), readObject(objects, headersKey(key))]);
  const digest = `sha256:${sha256Hex(body)}`;
  if (digest !== version['digest']) {
    throw new Fault('S3_FAILED', `${saved} is not the answer of this call: its digest is ${digest}`, {
      hint: 'something has overwritten it: name each object for its build, such as calls/{{BUILD_ID}}.json',
    });
  }
  return {
    files: { body, 'headers.json': headers },
    metadata: [{ name: 'size', value: formatSize(body.length) }],
  };
}

async function readObject(objects: Objects, key: string): Promise<Buffer> {
  const { stream, size, unreadable } = await objects.get(key);
  if (size > LARGEST_BODY) {
    stream.destroy();
    throw new Fault('S3_FAILED', `${key} is ${formatSize(size)}: no answer of a call is that large`, {
      hint: 'something has overwritten it: name each object for its build',
    });
  }
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', (cause: Error) => reject(unreadable(cause)));
  });
}

async function freshAnswer(
  call: NonNullable<GetParams['call']>,
  { source, params, version }: { source: Source; params: GetParams; version: Version },
  context: StepContext,
  http: Http,
): Promise<CallFiles> {
  const scope: Scope = { ...Object.fromEntries(readBuild(context.env).vars), version };
  const request = readCall(call, scope, context.dir);
  const { connection, credentials } = openGateway(source, params.aws?.web_identity_token, context);
  const ports = { http, clock: systemClock, log: context.log, credentials, signal: context.signal };
  const answer = await callApi(request, connection, ports);
  context.log.info(`${nameOf(request)}: ${answer.status}`);
  return {
    files: answerFiles(answer),
    metadata: [
      { name: 'call', value: nameOf(request) },
      { name: 'status', value: String(answer.status) },
      { name: 'size', value: formatSize(answer.body.length) },
    ],
  };
}

function answerFiles({ status, headers, body, json }: GatewayAnswer): CallFiles['files'] {
  return {
    status: String(status),
    digest: `sha256:${sha256Hex(body)}`,
    'headers.json': `${JSON.stringify(headers, null, 2)}\n`,
    body,
    // By its name load_var knows that it is JSON.
    ...(json !== undefined && { 'body.json': body }),
  };
}
