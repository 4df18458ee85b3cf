import type { IncomingMessage } from 'node:http';
import type { SlackApp } from './apps.ts';
import type { Arguments } from './arguments.ts';
import { noArguments, parseArguments } from './arguments.ts';
import type { Method } from './method.ts';
import { requireScope } from './method.ts';
import { appMethods } from './methods/apps.ts';
import { authMethods } from './methods/auth.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { ephemeralMethods } from './methods/ephemeral.ts';
import { fileMethods } from './methods/files.ts';
import { reactionMethods } from './methods/reactions.ts';
import { userGroupMethods } from './methods/usergroups.ts';
import { userMethods } from './methods/users.ts';
import { viewMethods } from './methods/views.ts';
import { Refusal } from './refusal.ts';
import type { Workspace } from './workspace.ts';

export interface SlackCall {
  readonly method: string;
  /** Id of the app whose token came with it. */
  readonly app: string | undefined;
  /** JSON-valued arguments decoded; the others as sent. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface IncomingCall {
  readonly method: string;
  readonly req: IncomingMessage;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

const methods: Readonly<Record<string, Method>> = {
  ...appMethods,
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...ephemeralMethods,
  ...fileMethods,
  ...reactionMethods,
  ...userGroupMethods,
  ...userMethods,
  ...viewMethods,
};

/** Reads a call for the record; `run` then does it and gives the whole answer, refusals included. */
export function callMethod(
  call: IncomingCall,
  slack: Workspace,
  violations: string[],
): { record: SlackCall; scopes: readonly string[]; run: () => Record<string, unknown> } {
  const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
  if (method === undefined) violations.push(`unknown method ${call.method}`);
  const { args, refusal } = read(call);
  const known = method?.args ?? [];
  for (const name of Object.keys(args.all)) {
    if (method !== undefined && !known.includes(name))
      violations.push(`${call.method}: unknown argument ${name}`);
  }
  const caller = appOf(call.req, slack);
  return {
    scopes: caller?.scopes ?? [],
    record: { method: call.method, app: caller?.id, args: args.all, at: Date.now() },
    run: () =>
      guarded(() => {
        if (refusal !== undefined) throw refusal;
        if (method === undefined) throw new Refusal('unknown_method');
        const app = authenticate(call.req, slack, method);
        if (method.scope !== undefined) requireScope(app, method.scope);
        return method.run(readable(method, call.req) ? args : noArguments, slack, app);
      }),
  };
}

function read(call: IncomingCall): { args: Arguments; refusal?: Refusal } {
  try {
    return { args: parseArguments(call.req, call.query, call.body) };
  } catch (error) {
    if (error instanceof Refusal) return { args: noArguments, refusal: error };
    throw error;
  }
}

function readable(method: Method, req: IncomingMessage): boolean {
  return method.json || !(req.headers['content-type'] ?? '').startsWith('application/json');
}

function authenticate(req: IncomingMessage, slack: Workspace, method: Method): SlackApp {
  const token = tokenOf(req);
  if (token === undefined) throw new Refusal('not_authed');
  const app = appOf(req, slack);
  if (app === undefined) throw new Refusal('invalid_auth');
  if (app.revoked) throw new Refusal('token_revoked');
  if ((token === app.appToken) !== (method.appLevel === true)) throw new Refusal('not_allowed_token_type');
  return app;
}

function appOf(req: IncomingMessage, slack: Workspace): SlackApp | undefined {
  const token = tokenOf(req);
  return slack.apps.find((one) => one.token === token || one.appToken === token);
}

function tokenOf(req: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
}

function guarded(run: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return { ok: true, ...run() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.code, ...error.details };
    throw error;
  }
}
