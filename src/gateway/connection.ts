import { encodeRfc3986 } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import { headerProblem } from './headers.ts';
import { regionOfHost } from './region.ts';

/** Where the services are, as configured. */
export interface GatewayConfig {
  /** Address of the API with its stage; a custom domain or an address inside the VPC has none. */
  readonly url: string;
  /** Default: the one that the host names. */
  readonly region?: string | undefined;
  /** `iam` (default) signs with SigV4; `none` neither signs nor asks for credentials. */
  readonly auth?: 'iam' | 'none' | undefined;
  /** Id of a private API that is reached by the public DNS name of its VPC endpoint; sent as `x-apigw-api-id`. */
  readonly apiId?: string | undefined;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of one call, 29 by default: as long as API Gateway itself waits. */
  readonly timeoutSeconds?: number | undefined;
}

/** A checked configuration, ready to be called. */
export interface GatewayConnection {
  readonly origin: string;
  /** What is signed and sent as `Host`: always that of the URL. */
  readonly host: string;
  /** The stage, in the bytes that are signed and sent; empty or `/prod`. */
  readonly basePath: string;
  /** Undefined with `auth: none`. */
  readonly region: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** API Gateway waits 29 s for a service unless its quota was raised. */
export const DEFAULT_TIMEOUT_SECONDS = 29;

/** Checks a configuration. Faults: SOURCE_INVALID. */
export function openConnection(config: GatewayConfig): GatewayConnection {
  const problem = connectionProblem(config);
  if (problem) throw new Fault('SOURCE_INVALID', `gateway.${problem.key}: ${problem.message}`);
  const url = new URL(config.url);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const own = Object.entries(config.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return {
    origin: url.origin,
    host: url.host,
    basePath: segments.map((segment) => `/${encodeRfc3986(decodeURIComponent(segment))}`).join(''),
    region: config.auth === 'none' ? undefined : (config.region ?? regionOfHost(url.host)),
    headers: {
      ...Object.fromEntries(own),
      ...(config.apiId !== undefined && { 'x-apigw-api-id': config.apiId }),
    },
    timeoutMs: (config.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
  };
}

/** What is wrong with a configuration beyond the form of its keys, by key. */
export function connectionProblem(config: GatewayConfig): { key: string; message: string } | undefined {
  if (!URL.canParse(config.url)) return { key: 'url', message: 'is no address' };
  const url = new URL(config.url);
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    return { key: 'url', message: 'must be an http or https address without user name, query or fragment' };
  if (
    !/^(?:\/(?:[\w.~$-]|%[0-9a-f]{2})+)*\/?$/i.test(url.pathname) ||
    /%(?:2[ef]|5c|[01]|7f|[89a-f])/i.test(url.pathname)
  )
    return { key: 'url', message: 'has an odd path: it ends with the stage, such as /prod' };
  const signs = config.auth !== 'none';
  if (signs && url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      key: 'url',
      message: 'must be https: signed calls travel there; auth: none is for services inside the VPC',
    };
  if (signs && (config.region ?? regionOfHost(url.host)) === undefined)
    return { key: 'region', message: 'required: the host does not tell it' };
  if (config.region !== undefined && !/^[\w-]+$/.test(config.region))
    return { key: 'region', message: 'must be the name of a region, such as eu-west-1' };
  if (config.apiId !== undefined && !/^[a-z0-9]{1,64}$/.test(config.apiId))
    return { key: 'api_id', message: 'must be the id of an API, such as abc123' };
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    const message = headerProblem(name, value);
    if (message) return { key: `headers.${name.slice(0, 60)}`, message };
  }
  return undefined;
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
