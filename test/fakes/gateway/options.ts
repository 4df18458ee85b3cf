import type { Keys } from '../aws/sessions.ts';

export interface FakeGatewayOptions extends Keys {
  /** The stage of the default address; a custom domain has none. Default `prod`. */
  readonly stage?: string;
  /** Default `iam`. */
  readonly auth?: 'iam' | 'none';
  readonly region?: string;
  /** A private API that a VPC endpoint leads to: every call must name it in `x-apigw-api-id`. */
  readonly apiId?: string;
  /** States of a deployment, one for each look; the last stays. Default `queued`, `running`, `done`. */
  readonly states?: readonly string[];
  /** The gateway's clock is ahead by this. */
  readonly aheadMs?: number;
}

/** How a call fails. Done all the same, so a second one does it twice: `lost`, `cut`. Not done: all others. */
export type GatewayFault =
  | { readonly http: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** The call is read, an answer never comes. */
  | 'hang'
  | 'reset'
  /** The connection is reset instead of the answer. */
  | 'lost'
  /** Half of the answer, then a reset. */
  | 'cut'
  /** The answer comes a byte a tenth of a second. */
  | 'drip';
