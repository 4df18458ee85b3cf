import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Fault, messageOf } from '../kit/fault.ts';
import { makeAgent } from '../kit/http.ts';
import type * as Sdk from './dynamodb-sdk.ts';

export type DynamoSdk = typeof Sdk;

export interface DynamoOptions {
  readonly table: string;
  /** Default: the SDK's own search (`AWS_REGION`, profile). */
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Default: the SDK's own chain. */
  readonly credentials?: DynamoDBClientConfig['credentials'] | undefined;
}

export interface DynamoTimes {
  readonly connectMs: number;
  /** For a call with its tries: the answer comes by then. */
  readonly callMs: number;
}

/** What every command is sent with. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}

/** Calls on one table. What fails is a Fault: STORE_UNAVAILABLE where the outcome is unknown or another try may do. */
export interface DynamoCalls {
  readonly sdk: DynamoSdk;
  readonly table: string;
  /** `run` sends one command with the options given; `callMs` where it may take longer than usual, each try a third of it. */
  readonly call: <Answer>(
    run: (client: DynamoDBClient, options: SendOptions) => Promise<Answer>,
    callMs?: number,
  ) => Promise<Answer>;
  close(): void;
}

/** Thrown for a condition that did not hold; `attempts` above 1: an earlier try of this very call may have done it. */
export class ConditionFailed extends Error {
  readonly attempts: number;

  constructor(attempts: number) {
    super('the condition of a write did not hold');
    this.name = 'ConditionFailed';
    this.attempts = attempts;
  }
}

// DynamoDB answers within 10 to 20 ms; Slack waits 3 s for an acknowledgement that needs a read and a save.
const TIMES: DynamoTimes = { connectMs: 400, callMs: 1500 };
// A reset keep-alive connection or one throttled moment should not cost a click: two more tries, with the SDK's jitter, as
// far as `callMs` lets them. What a retry may hide is told apart by `writeId`, see dynamodb.ts.
const ATTEMPTS = 3;

/** Loads the SDK and makes its client, through the process's proxy and CAs. */
export async function connectDynamo(
  { table, region, endpoint, credentials }: DynamoOptions,
  times: DynamoTimes = TIMES,
): Promise<DynamoCalls> {
  const sdk = await import('./dynamodb-sdk.ts');
  const origin = endpoint ?? (process.env['AWS_ENDPOINT_URL_DYNAMODB'] || addressIn(region));
  const agent = await makeAgent(origin, true, process.env);
  const client = new sdk.DynamoDBClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      [origin.startsWith('https:') ? 'httpsAgent' : 'httpAgent']: agent,
      connectionTimeout: times.connectMs,
      throwOnRequestTimeout: true,
    },
  });
  return {
    sdk,
    table,
    async call(run, callMs = times.callMs) {
      const ended = new AbortController();
      // The SDK looks at its signal while it sends, not while it waits for credentials or between two tries.
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          ended.abort();
          reject(unavailable(`DynamoDB did not answer within ${callMs} ms`));
        }, callMs);
      });
      try {
        return await Promise.race([
          run(client, { abortSignal: ended.signal, requestTimeout: Math.ceil(callMs / ATTEMPTS) }),
          late,
        ]);
      } catch (error) {
        throw faultOf(error, sdk, table);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      client.destroy();
      agent.destroy();
    },
  };
}

function addressIn(region = process.env['AWS_REGION'] ?? 'us-east-1'): string {
  return `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function unavailable(what: string, cause?: unknown): Fault {
  return new Fault('STORE_UNAVAILABLE', what, {
    hint: 'see the network, the region, the throttling of the table and the rights of the role',
    cause,
  });
}

function faultOf(error: unknown, sdk: DynamoSdk, table: string): unknown {
  // Bugs of ours, not answers.
  if (error instanceof Fault || error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof sdk.ConditionalCheckFailedException)
    return new ConditionFailed(error.$metadata.attempts ?? 1);
  if (error instanceof sdk.ResourceNotFoundException)
    return new Fault('STORE_REFUSED', `the DynamoDB table ${table} or one of its indexes does not exist`, {
      hint: 'check the name and the region, or make it with: listener migrate',
      cause: error,
    });
  if (error instanceof Error && error.name === 'ValidationException')
    return new Fault('STORE_REFUSED', `DynamoDB refused: ${error.message}`, {
      hint: `the table ${table} needs the keys and indexes that listener migrate gives it`,
      cause: error,
    });
  return unavailable(
    `DynamoDB failed: ${error instanceof Error ? `${error.name}: ` : ''}${messageOf(error)}`,
    error,
  );
}
