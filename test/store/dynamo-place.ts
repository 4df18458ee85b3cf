import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { isRecord } from '../../src/kit/json.ts';

/**
 * What happens to a call on its way: `lost`: done, and the connection ends before the answer; `hang`: done, no answer;
 * `throttled` and `broken`: DynamoDB's own refusals, not done; a function runs before the call goes on.
 */
export type DoorFault =
  | 'lost'
  | 'hang'
  | 'throttled'
  | 'broken'
  | 'pass'
  | ((body: Readonly<Record<string, unknown>>) => void | Promise<void>);

export interface DynamoPlace {
  readonly endpoint: string;
  /** Calls so far, by operation: `PutItem`, `Query`, … */
  readonly calls: Readonly<Record<string, number>>;
  /** Items that queries have looked at so far, whether they gave them or not. */
  scanned(): number;
  /** Partition keys that were written without a condition. */
  unconditional(): readonly string[];
  /** What happens to the next calls of an operation, one each. */
  next(operation: string, ...faults: readonly DoorFault[]): void;
  /** No fault is left. */
  heal(): void;
  end(): Promise<void>;
}

/** For tests of what is stored, not of how long that may take. */
export const PATIENT = { connectMs: 30_000, callMs: 90_000 } as const;

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' };

/** A DynamoDB in memory behind a door that counts the calls and loses answers when told to. */
export async function startDynamo({ createTableMs = 0, updateTableMs = 0 } = {}): Promise<DynamoPlace> {
  const database = dynalite({ createTableMs, updateTableMs, deleteTableMs: 0 });
  // A kept connection that ends in the moment when it is used again would be a fault that nobody ordered.
  database.keepAliveTimeout = 600_000;
  await once(database.listen(0, '127.0.0.1'), 'listening');
  const calls: Record<string, number> = {};
  const faults = new Map<string, DoorFault[]>();
  const unconditional = new Set<string>();
  let scanned = 0;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    calls[operation] = (calls[operation] ?? 0) + 1;
    const fault = faults.get(operation)?.shift() ?? 'pass';
    const body = await bodyOf(incoming);
    if (operation === 'PutItem') note(jsonOf(body));
    if (fault === 'throttled')
      return refuse(outgoing, 400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
    if (fault === 'broken')
      return refuse(outgoing, 500, 'com.amazonaws.dynamodb.v20120810#InternalServerError');
    if (typeof fault === 'function') await fault(jsonOf(body));
    const answer = await forward(incoming, body, portOf(database));
    const content = await bodyOf(answer);
    if (operation === 'Query') scanned += Number(jsonOf(content)['ScannedCount'] ?? 0);
    if (fault === 'lost') return void outgoing.socket?.destroy();
    if (fault === 'hang') return;
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
  }

  function note({ ConditionExpression, Item }: Readonly<Record<string, unknown>>): void {
    if (ConditionExpression === undefined && isRecord(Item) && isRecord(Item['pk']))
      unconditional.add(String(Item['pk']['S']));
  }

  const door = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error: unknown) =>
      outgoing.destroy(error instanceof Error ? error : undefined),
    );
  });
  await once(door.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${portOf(door)}`,
    calls,
    scanned: () => scanned,
    unconditional: () => [...unconditional],
    next(operation, ...wanted) {
      faults.set(operation, [...(faults.get(operation) ?? []), ...wanted]);
    },
    heal: () => faults.clear(),
    async end() {
      for (const server of [door, database]) {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(body.toString());
  return isRecord(value) ? value : {};
}

function refuse(outgoing: ServerResponse, status: number, type: string): void {
  outgoing
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify({ __type: type, message: 'told to' }));
}

const agent = new Agent({ keepAlive: true });

async function forward(incoming: IncomingMessage, body: Buffer, port: number): Promise<IncomingMessage> {
  const { method, headers, url } = incoming;
  const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers, agent });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  outgoing.end(body);
  return answered;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
