import type { Clock } from '../kit/clock.ts';
import { messageOf } from '../kit/fault.ts';
import { isRecord, tryParseJson } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import { stringAt, valueAt } from './answer.ts';
import type { Envelope, EnvelopeAnswer } from './intake-envelopes.ts';
import type { WebSocketLine } from './web-socket.ts';

/**
 * Why a connection needs a successor. `closed`: it is gone. All others still serve: Slack announces its end, or it has been
 * silent for so long that it may be dead.
 */
export type EndReason =
  | 'closed'
  | 'silent'
  | 'warning'
  | 'refresh_requested'
  | 'link_disabled'
  | 'too_many_websockets'
  | 'unknown';

const ANNOUNCED = ['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets'] as const;

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly deliver: (envelope: Envelope) => Promise<EnvelopeAnswer>;
  /** Told when an answer could not be given any more: its person sees a warning, though what they did is saved. */
  readonly unacknowledged: () => void;
}

/** One socket, from its opening to its end. */
export interface Connection {
  /** Resolves with the number of connections of the app when Slack has said hello; rejects when it closes before. */
  readonly hello: Promise<number>;
  /** Resolves when a successor is needed. */
  readonly ended: Promise<EndReason>;
  /** Resolves when it is closed, whoever closed it. */
  readonly closed: Promise<void>;
  isOpen(): boolean;
  /** Closes when nothing is being handled any more, at the latest after `graceMs`. */
  retire(graceMs: number): Promise<void>;
}

/** Slack pings several times a minute; what is silent for so long after a ping is dead. */
const SILENT_MS = 60_000;
/** Where no ping can be noticed, a connection is renewed after so much silence, whether it is dead or not. */
const UNHEARD_MS = 600_000;
const WATCH_MS = 15_000;

/** Speaks Socket Mode on a line that is just being opened. */
export function createConnection(line: WebSocketLine, ports: ConnectionPorts): Connection {
  const hello = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<EndReason>();
  const closed = Promise.withResolvers<void>();
  const over = new AbortController();
  const running = new Set<Promise<void>>();
  let heardAt = ports.clock.now();
  let pinged = false;
  const end = (why: string): void => {
    over.abort();
    hello.reject(new Error(`the socket closed: ${why}`));
    ended.resolve('closed');
    closed.resolve();
  };
  // Whoever waits for an end does not wait for a hello too.
  hello.promise.catch(() => undefined);

  const handle = async (envelope: Envelope, takesPayload: boolean): Promise<void> => {
    try {
      const { acknowledge, payload } = await ports.deliver(envelope);
      if (!acknowledge) return;
      const answer = { envelope_id: envelope.id, ...(payload && takesPayload && { payload }) };
      if (!line.send(JSON.stringify(answer))) ports.unacknowledged();
    } catch (error) {
      ports.log.warn(`an envelope was not handled: ${messageOf(error)}`);
    }
  };

  const onMessage = (text: string): void => {
    const message = tryParseJson(text);
    if (!isRecord(message)) return ports.log.warn('Slack sent through a socket what is not JSON');
    const type = stringAt(message, 'type') ?? '';
    const id = stringAt(message, 'envelope_id');
    if (type === 'hello') hello.resolve(Number(valueAt(message, 'num_connections')) || 1);
    else if (type === 'disconnect') ended.resolve(endReason(stringAt(message, 'reason')));
    else if (id !== undefined) {
      const envelope = { id, type, payload: message['payload'] };
      const work = handle(envelope, message['accepts_response_payload'] !== false).finally(() =>
        running.delete(work),
      );
      running.add(work);
    }
  };

  line.listen({
    message(text) {
      heardAt = ports.clock.now();
      onMessage(text);
    },
    ping() {
      heardAt = ports.clock.now();
      pinged = true;
    },
    close: end,
  });

  const watch = async (): Promise<void> => {
    for (;;) {
      await ports.clock.sleep(WATCH_MS, over.signal);
      if (ports.clock.now() - heardAt >= (pinged ? SILENT_MS : UNHEARD_MS)) return ended.resolve('silent');
    }
  };
  watch().catch(() => undefined);

  return {
    hello: hello.promise,
    ended: ended.promise,
    closed: closed.promise,
    isOpen: () => !over.signal.aborted,
    async retire(graceMs) {
      const grace = new AbortController();
      const late = ports.clock.sleep(graceMs, grace.signal).catch(() => undefined);
      const idle = async () => {
        while (running.size > 0) await Promise.all(running);
      };
      await Promise.race([idle(), late]);
      grace.abort();
      line.close();
      end('by us');
    },
  };
}

function endReason(reason: string | undefined): EndReason {
  return ANNOUNCED.find((known) => known === reason) ?? 'unknown';
}
