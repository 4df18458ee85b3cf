import { readFileSync } from 'node:fs';
import { freshCredentials } from '../aws/fresh-credentials.ts';
import type { Credentials } from '../aws/sigv4.ts';
import { fillCall, LARGEST_BODY } from '../gateway/call.ts';
import type { CallTemplate, GatewayCall } from '../gateway/call.ts';
import { openConnection } from '../gateway/connection.ts';
import type { GatewayConnection } from '../gateway/connection.ts';
import type { Scope } from '../gateway/template.ts';
import { systemClock } from '../kit/clock.ts';
import { parseDuration } from '../kit/duration.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import { formatSize } from '../kit/size.ts';
import { readVars } from './compose.ts';
import type { Build } from './build.ts';
import { findFile } from './files.ts';
import { openIdentity } from './identity.ts';
import type { StepContext } from './run-step.ts';
import type { CallParams } from './schema.ts';
import type { Source } from './source.ts';

type Call = CallParams['call'];

/** The names a call's templates may use: those of the build as text, those of `vars` with the type they are written with. */
export function scopeOf(params: Pick<CallParams, 'vars' | 'vars_files'>, build: Build, dir: string): Scope {
  const files = Object.keys(params.vars_files ?? {});
  const typed = Object.entries(params.vars ?? {}).filter(([name]) => !files.includes(name));
  return { ...Object.fromEntries(readVars(params, build, dir)), ...Object.fromEntries(typed) };
}

/** The call of `params`, with its values and its file. Faults: PARAMS_INVALID, TEMPLATE_INVALID, FILE_*. */
export function readCall(call: Call, scope: Scope, dir: string): GatewayCall {
  const where = 'params.call';
  const file = call.body_file === undefined ? undefined : readBody(dir, call.body_file, `${where}.body_file`);
  const template: CallTemplate = {
    ...call,
    // A file of JSON is by far the usual one.
    headers: {
      ...(call.body_file?.endsWith('.json') && { 'content-type': 'application/json' }),
      ...call.headers,
    },
    timeoutSeconds: parseDuration(call.timeout ?? ''),
    idempotencyKey: call.idempotency_key,
  };
  return fillCall(template, scope, where, file);
}

function readBody(dir: string, path: string, where: string): Buffer {
  const file = findFile(dir, path, where);
  if (file.size > LARGEST_BODY) {
    throw new Fault('FILE_INVALID', `${where}: ${path} is ${formatSize(file.size)}, at most 10 MB`, {
      hint: 'API Gateway takes no more: store it in S3 and send its key',
    });
  }
  try {
    return readFileSync(file.realPath);
  } catch (cause) {
    throw new Fault('FILE_INVALID', `${where}: ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Where the calls of a source go, and the credentials to sign them with, found at the first need. */
export function openGateway(
  source: Source,
  webIdentityToken: string | undefined,
  context: StepContext,
): { connection: GatewayConnection; credentials: () => Promise<Credentials> } {
  if (!source.gateway) throw new Error('unreachable: checkCall asks for source.gateway');
  const headers = Object.entries(source.gateway.headers).map(([name, value]) => [name, value.reveal()]);
  const connection = openConnection({ ...source.gateway, headers: Object.fromEntries(headers) });
  const aws = { ...source.aws, region: source.aws.region ?? connection.region };
  const wish = { webIdentityToken, wantSeconds: 3600 };
  return {
    connection,
    credentials: freshCredentials(() => openIdentity(aws, wish, context), systemClock),
  };
}
