/** A request as domains see it: nothing of the HTTP server library, the body as the bytes that came. */
export interface Incoming {
  readonly method: string;
  /** The route's pattern, such as `/v1/approvals/:id`. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Address of the caller, behind trusted proxies the one they name. */
  readonly remote: string;
  /** Aborted when the caller has left or the process is stopping. */
  readonly signal: AbortSignal;
}

export interface Outgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

/** One route of the listener. */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** `/v1/approvals/:id` */
  readonly path: string;
  /** `private` routes move to `server.private_port` where that is set. */
  readonly port: 'public' | 'private';
  /** Longest body in bytes; a longer one is 413. */
  readonly bodyLimit: number;
  /** `none` for callers that share addresses, such as Slack; else the limit of the token or of the address counts. */
  readonly rateLimit?: 'none';
  readonly handle: (request: Incoming) => Promise<Outgoing>;
}
