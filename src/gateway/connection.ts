import { encodeRfc3986 } from '../aws/sigv4.ts';
import { Fault } from '../kit/fault.ts';
import { connectionProblem } from './config.ts';
import type { GatewayConfig } from './config.ts';
import { regionOfHost } from './region.ts';

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

/** Checks a configuration. The region is the one given, else that of the host, else the fallback. Faults: SOURCE_INVALID. */
export function openConnection(given: GatewayConfig, fallbackRegion?: string): GatewayConnection {
  const config = { ...given, region: given.region ?? regionIn(given.url) ?? fallbackRegion };
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
    region: config.auth === 'none' ? undefined : config.region,
    headers: {
      ...Object.fromEntries(own),
      ...(config.apiId !== undefined && { 'x-apigw-api-id': config.apiId }),
    },
    timeoutMs: (config.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
  };
}

function regionIn(url: string): string | undefined {
  return URL.canParse(url) ? regionOfHost(new URL(url).host) : undefined;
}
