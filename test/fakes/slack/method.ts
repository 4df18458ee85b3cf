import type { Arguments } from './arguments.ts';
import type { SlackApp } from './apps.ts';
import { Refusal } from './refusal.ts';
import type { Workspace } from './workspace.ts';

/** One Web API method of the fake. */
export interface Method {
  /** Without it the call is `missing_scope`. */
  readonly scope?: string;
  /** Slack reads a JSON body for writing methods only; the others see no arguments in one. */
  readonly json: boolean;
  /** Every documented argument that this fake knows. */
  readonly args: readonly string[];
  /** Called with the app-level token; all others with the bot token. */
  readonly appLevel?: boolean;
  run(args: Arguments, slack: Workspace, app: SlackApp): Record<string, unknown>;
}

export function requireScope(app: SlackApp, scope: string): void {
  if (app.scopes.includes(scope)) return;
  throw new Refusal('missing_scope', { needed: scope, provided: app.scopes.join(',') });
}
