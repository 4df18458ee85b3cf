import { startFakeGateway } from '../fakes/gateway/server.ts';
import type { FakeGateway } from '../fakes/gateway/server.ts';
import type { FakeGatewayOptions } from '../fakes/gateway/options.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { createHttp } from '../../src/kit/http.ts';
import type { Credentials } from '../../src/aws/sigv4.ts';
import type { GatewayPorts } from '../../src/gateway/call-api.ts';
import { fillCall } from '../../src/gateway/call.ts';
import type { CallTemplate, GatewayCall } from '../../src/gateway/call.ts';
import { openConnection } from '../../src/gateway/connection.ts';
import type { GatewayConfig } from '../../src/gateway/config.ts';
import type { GatewayConnection } from '../../src/gateway/connection.ts';

export const KEYS: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'sensitive-secret-access-key',
};

export interface Bench {
  readonly gateway: FakeGateway;
  readonly connection: (change?: Partial<GatewayConfig>) => GatewayConnection;
  readonly call: (template: CallTemplate, scope?: Record<string, unknown>) => GatewayCall;
  /** A clock that waits for nothing and counts what it was asked to wait. */
  readonly ports: GatewayPorts;
  readonly waits: readonly number[];
  readonly log: readonly string[];
  readonly asked: () => number;
}

/** Gives a test a service behind API Gateway, and the ports of `callApi` with a clock that does not wait. */
export async function withGateway(
  use: (bench: Bench) => Promise<void>,
  options: FakeGatewayOptions = {},
): Promise<void> {
  const gateway = await startFakeGateway(options);
  const waits: number[] = [];
  const log: string[] = [];
  let asked = 0;
  let slept = 0;
  try {
    await use({
      gateway,
      connection: (change = {}) =>
        openConnection({ url: gateway.url, region: 'eu-west-1', timeoutSeconds: 30, ...change }),
      call: (template, scope = {}) => fillCall(template, scope, 'params.call'),
      ports: {
        http: createHttp({}),
        clock: {
          now: () => systemClock.now() + slept,
          sleep: async (ms, signal) => {
            signal?.throwIfAborted();
            waits.push(ms);
            slept += ms;
          },
        },
        log: { info: (line) => void log.push(line), warn: (line) => void log.push(`warning: ${line}`) },
        credentials: async () => {
          asked += 1;
          return KEYS;
        },
      },
      waits,
      log,
      asked: () => asked,
    });
    gateway.expectNoUnknown();
  } finally {
    await gateway.close();
  }
}
