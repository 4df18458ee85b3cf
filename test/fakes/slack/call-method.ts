import type { IncomingMessage } from 'node:http';
import type { Arguments } from './arguments.ts';
import { noArguments, parseArguments } from './arguments.ts';
import type { Method } from './method.ts';
import { requireScope } from './method.ts';
import { authMethods } from './methods/auth.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { fileMethods } from './methods/files.ts';
import { reactionMethods } from './methods/reactions.ts';
import { userMethods } from './methods/users.ts';
import { Refusal } from './refusal.ts';
import type { Workspace } from './workspace.ts';

export interface SlackCall {
  readonly method: string;
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
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...reactionMethods,
  ...userMethods,
};

/** Reads a call for the record; `run` then does it and gives the whole answer, refusals included. */
export function callMethod(
  call: IncomingCall,
  slack: Workspace,
  violations: string[],
): { record: SlackCall; run: () => Record<string, unknown> } {
  const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
  if (method === undefined) violations.push(`unknown method ${call.method}`);
  const { args, refusal } = read(call);
  const known = method?.args ?? [];
  for (const name of Object.keys(args.all)) {
    if (method !== undefined && !known.includes(name))
      violations.push(`${call.method}: unknown argument ${name}`);
  }
  return {
    record: { method: call.method, args: args.all, at: Date.now() },
    run: () =>
      guarded(() => {
        if (refusal !== undefined) throw refusal;
        if (method === undefined) throw new Refusal('unknown_method');
        authenticate(call.req, slack);
        if (method.scope !== undefined) requireScope(slack, method.scope);
        return method.run(readable(method, call.req) ? args : noArguments, slack);
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

function authenticate(req: IncomingMessage, slack: Workspace): void {
  const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new Refusal('not_authed');
  if (token !== slack.token) throw new Refusal('invalid_auth');
}

function guarded(run: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return { ok: true, ...run() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.code, ...error.details };
    throw error;
  }
}
