import type { Arguments } from './arguments.ts';
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
  run(args: Arguments, slack: Workspace): Record<string, unknown>;
}

export function requireScope(slack: Workspace, scope: string): void {
  if (slack.scopes.includes(scope)) return;
  throw new Refusal('missing_scope', { needed: scope, provided: slack.scopes.join(',') });
}
