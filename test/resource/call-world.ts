import { startFakeGateway } from '../fakes/gateway/server.ts';
import type { FakeGateway } from '../fakes/gateway/server.ts';
import type { FakeGatewayOptions } from '../fakes/gateway/options.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, withTempDir } from '../support/step.ts';
import type { StepResult } from '../support/step.ts';
import { BUILD, SECRET_KEY, withWorld } from '../support/world.ts';
import type { PutOptions, World } from '../support/world.ts';

export interface CallWorld {
  readonly world: World;
  readonly gateway: FakeGateway;
  /** A source that reaches the service; `change` goes into its `gateway`. */
  readonly source: (
    change?: Record<string, unknown>,
    top?: Record<string, unknown>,
  ) => Record<string, unknown>;
  readonly call: (
    call: Record<string, unknown>,
    params?: Record<string, unknown>,
    options?: PutOptions,
  ) => Promise<StepResult>;
  readonly get: (
    version: unknown,
    params?: unknown,
    source?: unknown,
  ) => Promise<StepResult & { files: Record<string, string> }>;
}

/** A world with a service behind API Gateway, whose calls go through the real steps. */
export function withCalls(
  use: (world: CallWorld) => Promise<void>,
  options: FakeGatewayOptions = {},
): Promise<void> {
  return withWorld(async (world) => {
    const gateway = await startFakeGateway({
      accessKeyId: 'AKIASENSITIVE0000001',
      secretAccessKey: SECRET_KEY,
      ...options,
    });
    const source: CallWorld['source'] = (change = {}, top = {}) =>
      world.source({
        slack: undefined,
        gateway: { url: gateway.url, headers: { 'x-api-key': 'sensitive-api-key' }, ...change },
        ...top,
      });
    try {
      await use({
        world,
        gateway,
        source,
        call: (call, params = {}, put = {}) => world.put({ call, ...params }, { source: source(), ...put }),
        get: (version, params, given = source()) =>
          withTempDir(async (dir) => {
            const step = await runStep('in', { source: given, version, params }, { dir, env: BUILD });
            const files = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]);
            return { ...step, files: Object.fromEntries(files) };
          }),
      });
      gateway.expectNoUnknown();
    } finally {
      await gateway.close();
    }
  });
}

export function versionOf(step: StepResult): Record<string, string> {
  const answer = step.json();
  if (typeof answer === 'object' && answer !== null && 'version' in answer) {
    const { version } = answer;
    if (typeof version === 'object' && version !== null)
      return Object.fromEntries(Object.entries(version).map(([name, value]) => [name, String(value)]));
  }
  throw new Error(`no version in ${step.stdout}`);
}
