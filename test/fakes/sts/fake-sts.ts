import type { IncomingMessage, ServerResponse } from 'node:http';
import { sha256Hex } from '../aws/canonical-request.ts';
import type { Sessions } from '../aws/sessions.ts';
import { defaultKeys } from '../aws/sessions.ts';
import { faultQueue } from '../http/fault-queue.ts';
import { readBody } from '../http/read-body.ts';
import { assumeRole, assumeRoleWithWebIdentity, getCallerIdentity } from './actions.ts';
import type { StsContext } from './actions.ts';
import type { StsFault } from './fault.ts';
import { failSts } from './fault.ts';
import { StsError } from './sts-error.ts';

interface RoleSeed {
  /** Required of AssumeRole when given. */
  readonly externalId?: string;
  /** MaxSessionDuration in seconds; default 3600. */
  readonly maxDuration?: number;
}

export interface FakeStsOptions {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessions?: Sessions;
  readonly region?: string;
  /** Roles by ARN; others are AccessDenied. */
  readonly roles?: Readonly<Record<string, RoleSeed>>;
  /** The token that AssumeRoleWithWebIdentity takes. */
  readonly webIdentityToken?: string;
  readonly expiredWebIdentityToken?: string;
  /** Length of the session tokens issued; default 400. */
  readonly tokenLength?: number;
  readonly now?: () => number;
}

interface StsCall {
  readonly action: string;
  readonly args: Readonly<Record<string, string>>;
  readonly at: number;
}

export interface StsState {
  readonly sessions: Sessions;
  readonly calls: readonly StsCall[];
  count(action?: string): number;
  /** Makes the next calls of an action, or of `*`, fail. */
  fault(action: string, kind: StsFault, times?: number): void;
  expectNoUnknown(): void;
}

export interface StsService extends StsState {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

type Action = (context: StsContext) => string;

const actions: Readonly<Record<string, Action>> = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  GetCallerIdentity: getCallerIdentity,
};

/** STS (query API, version 2011-06-15) as a request handler. */
export function fakeSts(options: FakeStsOptions = {}): StsService {
  const sessions: Sessions = options.sessions ?? new Map();
  const calls: StsCall[] = [];
  const unknown: string[] = [];
  const faults = faultQueue<StsFault>();

  function perform(action: string, context: StsContext): string {
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (run !== undefined && context.args['Version'] === '2011-06-15') return run(context);
    unknown.push(`unknown action ${action}`);
    throw new StsError('InvalidAction', 400, `Could not find operation ${action}`);
  }

  return {
    async handle(req, res) {
      const body = await readBody(req);
      const args = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
      const action = args['Action'] ?? '';
      calls.push({ action, args, at: Date.now() });
      const fault = faults.take(action);
      if (fault !== undefined) return failSts(fault, req, res);
      const context: StsContext = {
        req,
        args,
        bodyHash: sha256Hex(body),
        options: { ...defaultKeys, ...options, sessions },
        now: options.now?.() ?? Date.now(),
      };
      try {
        send(res, 200, envelope(action, perform(action, context)));
      } catch (error) {
        if (!(error instanceof StsError)) throw error;
        send(res, error.status, error.toXml());
      }
    },
    sessions,
    calls,
    count: (action) => calls.filter((call) => action === undefined || call.action === action).length,
    fault: (action, kind, times) => faults.add(action, kind, times),
    expectNoUnknown() {
      if (unknown.length > 0) throw new Error(`fake STS: ${unknown.join('; ')}`);
    },
  };
}

function envelope(action: string, result: string): string {
  const metadata = '<ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata>';
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`;
}

function send(res: ServerResponse, status: number, xml: string): void {
  res.writeHead(status, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) }).end(xml);
}
