// The package export `./gateway`: signed calls to services behind API Gateway, for use from TypeScript.
import { freshCredentials } from './aws/fresh-credentials.ts';
import type { Credentials } from './aws/sigv4.ts';
import { callApi as call } from './gateway/call-api.ts';
import { fillCall } from './gateway/call.ts';
import { openConnection } from './gateway/connection.ts';
import { pollUntil } from './gateway/poll.ts';
import { systemClock } from './kit/clock.ts';
import { Fault, messageOf } from './kit/fault.ts';
import { createHttp } from './kit/http.ts';
import type { Http } from './kit/http.ts';
import { silentLog } from './kit/log.ts';

export { Fault } from './kit/fault.ts';

/** Where the services are, and who calls. */
export interface Gateway {
  /** Address of the API with its stage. */
  readonly url: string;
  /** Default: the one that the host names, else `AWS_REGION`. */
  readonly region?: string;
  /** `iam` (default) signs with SigV4; `none` is for services inside the VPC. */
  readonly auth?: 'iam' | 'none';
  /** Id of a private API that is reached by the public DNS name of its VPC endpoint. */
  readonly apiId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the default chain of the AWS SDK, once for the process and again before they end. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
    readonly expiration?: Date;
  };
}

type Scalar = string | number | boolean;

/** One call. `{{name}}` in its strings is filled from `values`, which cannot change where it goes or what surrounds them. */
export interface ApiCall {
  /** Default `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the stage, with one slash at its begin. */
  readonly path: string;
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a Buffer as it is. */
  readonly body?: unknown;
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of one attempt, default 29. */
  readonly timeoutSeconds?: number;
  /** Statuses that are a success; default 200 to 299. */
  readonly expect?: readonly number[];
  readonly retry?: 'safe' | 'never';
  readonly idempotencyKey?: string;
  /** Waits until the state in the answers of `path` is `equals`. */
  readonly poll?: {
    readonly path: string;
    readonly json: string;
    readonly equals: string;
    readonly failed?: readonly string[];
    readonly everySeconds?: number;
    readonly timeoutSeconds?: number;
  };
  readonly signal?: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case, without cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The parsed body where its type says JSON, else undefined. */
  readonly json: unknown;
}

let sharedHttp: Http | undefined;
const chains = new Map<string, () => Promise<Credentials>>();

/** Calls a service behind API Gateway, as `put` with `call` does: same rules, retries and errors. Throws Fault. */
export async function callApi(gateway: Gateway, given: ApiCall): Promise<ApiAnswer> {
  const fallback = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  const { values = {}, poll, signal, body, ...template } = given;
  const connection = openConnection(gateway, fallback);
  const file = Buffer.isBuffer(body) ? body : undefined;
  const request = fillCall({ ...template, ...(file === undefined && { body }) }, values, 'call', file);
  const http = (sharedHttp ??= createHttp(process.env));
  const credentials = credentialsOf(gateway, connection.region ?? 'us-east-1');
  const ports = { http, clock: systemClock, log: silentLog, credentials, signal };
  const answer = await call(request, connection, ports);
  if (!poll) return answer;
  return pollUntil(poll, { answer, scope: values, call: request, where: 'call' }, connection, ports);
}

function credentialsOf({ credentials: given }: Gateway, region: string): () => Promise<Credentials> {
  if (given) return async () => ({ ...given, expiresAt: given.expiration?.getTime() });
  const known = chains.get(region);
  if (known) return known;
  const chain = freshCredentials(async () => {
    try {
      const { createSts } = await import('./aws/sts.ts');
      return (await (await createSts(region, undefined, process.env)).defaultChain(false)).credentials;
    } catch (cause) {
      throw new Fault('AWS_IDENTITY', `no AWS credentials: ${messageOf(cause)}`, {
        hint: 'give credentials, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role',
        cause,
      });
    }
  }, systemClock);
  chains.set(region, chain);
  return chain;
}
