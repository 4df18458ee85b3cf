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
