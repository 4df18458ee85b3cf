import type { Clock } from '../kit/clock.ts';
import { Fault, messageOf } from '../kit/fault.ts';
import type { Log } from '../kit/log.ts';
import { stringAt } from './answer.ts';
import type { Slack } from './client.ts';
import type { Envelope, EnvelopeAnswer } from './intake-envelopes.ts';
import { createConnection } from './socket-connection.ts';
import type { Connection, EndReason } from './socket-connection.ts';
import type { OpenLine } from './web-socket.ts';

export interface SocketModeOptions {
  /** A client with the app-level token. */
  readonly slack: Slack;
  readonly apiUrl: string;
  readonly open: OpenLine;
  readonly deliver: (envelope: Envelope) => Promise<EnvelopeAnswer>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of everything that happens, for metrics; must not throw. */
  readonly observe: (event: SocketEvent) => void;
  /** How many connections are held; Slack allows an app ten in all. Default 2. */
  readonly connections?: number | undefined;
  /** From 0 to below 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

export type SocketEvent =
  /** How many connections have said hello and are open. */
  | { readonly kind: 'live'; readonly count: number }
  /** Slack counts more connections than are open here: another process takes some of the clicks (C29). */
  | { readonly kind: 'shared'; readonly told: number; readonly ours: number }
  | { readonly kind: 'ended'; readonly reason: EndReason }
  | { readonly kind: 'open_failed' | 'unacknowledged' };

export interface SocketMode {
  /** Connects, and goes on for ever. */
  start(): void;
  /** Connections that have said hello and are open. */
  live(): number;
  /** Opens nothing more, finishes and acknowledges what has come, and closes. */
  close(graceMs: number): Promise<void>;
}

const CONNECTIONS = 2;
const HELLO_MS = 10_000;
/** The old connection stays that long after the hello of the new one: Slack may still be sending to it (S39). */
const LINGER_MS = 10_000;
const GRACE_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Where Slack refuses, hurry changes nothing. */
const REFUSED_PAUSE_MS = 60_000;
const STEADY_MS = 30_000;

/**
 * Socket Mode with several connections, each replaced before it ends: its successor has said hello before it closes, so no
 * click finds nobody (S39). Slack sends each envelope to any one of them; every process serves every click (C29, S27).
 */
export function createSocketMode(options: SocketModeOptions): SocketMode {
  const { slack, clock, log, observe, random = Math.random } = options;
  const wanted = options.connections ?? CONNECTIONS;
  const stopping = new AbortController();
  const open = new Set<Connection>();
  const said = new Set<Connection>();
  const retiring = new Set<Promise<void>>();
  const slots: Promise<void>[] = [];

  const forget = (connection: Connection): void => {
    open.delete(connection);
    if (said.delete(connection)) observe({ kind: 'live', count: said.size });
  };

  const retire = (connection: Connection, graceMs: number): Promise<void> => {
    const work: Promise<void> = connection.retire(graceMs).finally(() => retiring.delete(work));
    retiring.add(work);
    return work;
  };

  const connect = async (): Promise<Connection> => {
    const answer = await slack.call('apps.connections.open', {}, 'read');
    const line = options.open(socketUrl(stringAt(answer, 'url'), options.apiUrl));
    const unacknowledged = () => observe({ kind: 'unacknowledged' });
    const connection = createConnection(line, { clock, log, deliver: options.deliver, unacknowledged });
    open.add(connection);
    void connection.closed.then(() => forget(connection));
    const answered = new AbortController();
    const signal = AbortSignal.any([stopping.signal, answered.signal]);
    const late = clock.sleep(HELLO_MS, signal).then(() => Promise.reject(new Error('Slack says no hello')));
    try {
      const told = await Promise.race([connection.hello, late]);
      if (told > open.size) {
        observe({ kind: 'shared', told, ours: open.size });
        log.warn(`Slack counts ${told} sockets of this app, ${open.size} are ours: others answer clicks too`);
      }
      said.add(connection);
      observe({ kind: 'live', count: said.size });
      return connection;
    } catch (error) {
      await retire(connection, 0);
      throw error;
    } finally {
      answered.abort();
    }
  };

  const pause = (ms: number) => clock.sleep(ms * (0.5 + random() / 2), stopping.signal);

  const linger = async (connection: Connection): Promise<void> => {
    await clock.sleep(LINGER_MS, stopping.signal).catch(() => undefined);
    await retire(connection, GRACE_MS);
  };

  /** Keeps one place taken: opens a connection, waits for its end, opens the next. */
  const keepSlot = async (): Promise<void> => {
    let old: Connection | undefined;
    for (let failures = 0; !stopping.signal.aborted; ) {
      const since = clock.now();
      try {
        const connection = await connect();
        if (old?.isOpen() === true) void linger(old);
        const reason = await connection.ended;
        if (stopping.signal.aborted) return;
        observe({ kind: 'ended', reason });
        old = connection;
        failures = clock.now() - since >= STEADY_MS ? 0 : failures + 1;
        if (reason === 'link_disabled' || reason === 'too_many_websockets') {
          log.warn(`Slack ends a socket: ${reason}`);
          await pause(REFUSED_PAUSE_MS);
        } else if (failures > 1) await pause(backOff(failures - 1));
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        observe({ kind: 'open_failed' });
        log.warn(`no socket to Slack, next try follows: ${messageOf(error)}`);
        await pause(backOff(failures));
      }
    }
  };

  return {
    start() {
      for (let slot = slots.length; slot < wanted; slot++) slots.push(keepSlot().catch(() => undefined));
    },
    live: () => said.size,
    async close(graceMs) {
      stopping.abort(new Error('stopping'));
      await Promise.all([...open].map((connection) => retire(connection, graceMs)));
      await Promise.all([...slots, ...retiring]);
    },
  };
}

function backOff(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** The address of a socket, when it is Slack's own, or on the host of a configured API. */
export function socketUrl(given: string | undefined, apiUrl: string): URL {
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
  const isSlack = url?.protocol === 'wss:' && /(?:^|\.)slack(?:-gov|-msgs)?\.com$/.test(url.hostname);
  const api = new URL(apiUrl);
  const isCustom = !/(?:^|\.)slack(?:-gov)?\.com$/.test(api.hostname) && url?.hostname === api.hostname;
  if (url !== undefined && (isSlack || isCustom)) return url;
  throw new Fault('SLACK_FAILED', 'apps.connections.open answers with an address that is not Slack’s');
}
