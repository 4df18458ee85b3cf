import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

/**
 * What happens to a call on its way: `lost`: done, and the connection ends before the answer; `hang`: done, no answer;
 * `throttled` and `broken`: DynamoDB's own refusals, not done; a function runs before the call goes on.
 */
export type DoorFault = 'lost' | 'hang' | 'throttled' | 'broken' | 'pass' | (() => void | Promise<void>);

export interface DynamoPlace {
  readonly endpoint: string;
  /** Calls so far, by operation: `PutItem`, `Query`, … */
  readonly calls: Readonly<Record<string, number>>;
  /** What happens to the next calls of an operation, one each. */
  next(operation: string, ...faults: readonly DoorFault[]): void;
  end(): Promise<void>;
}

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' };

/** A DynamoDB in memory behind a door that counts the calls and loses answers when told to. */
export async function startDynamo(): Promise<DynamoPlace> {
  const database = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  await once(database.listen(0, '127.0.0.1'), 'listening');
  const calls: Record<string, number> = {};
  const faults = new Map<string, DoorFault[]>();

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    calls[operation] = (calls[operation] ?? 0) + 1;
    const fault = faults.get(operation)?.shift() ?? 'pass';
    const body = await bodyOf(incoming);
    if (fault === 'throttled')
      return refuse(outgoing, 400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
    if (fault === 'broken')
      return refuse(outgoing, 500, 'com.amazonaws.dynamodb.v20120810#InternalServerError');
    if (typeof fault === 'function') await fault();
    const answer = await forward(incoming, body, portOf(database));
    const content = await bodyOf(answer);
    if (fault === 'lost') return void outgoing.socket?.destroy();
    if (fault === 'hang') return;
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
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
    next(operation, ...wanted) {
      faults.set(operation, [...(faults.get(operation) ?? []), ...wanted]);
    },
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

function refuse(outgoing: ServerResponse, status: number, type: string): void {
  outgoing
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify({ __type: type, message: 'told to' }));
}

async function forward(incoming: IncomingMessage, body: Buffer, port: number): Promise<IncomingMessage> {
  const { method, headers, url } = incoming;
  const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
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
