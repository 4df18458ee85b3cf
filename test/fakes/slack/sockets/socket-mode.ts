import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SlackApp } from '../apps.ts';
import { isRecord } from '../arguments.ts';
import type { Delivery, Notice } from '../interactions/deliver.ts';
import { appOf } from '../people.ts';
import type { Workspace } from '../workspace.ts';
import { acceptWebSocket, refuseUpgrade } from './accept.ts';
import type { Connection } from './accept.ts';
import { envelopeOf, hello } from './envelope.ts';
import type { Envelope, EnvelopeView } from './envelope.ts';
import { seeded } from './seeded.ts';

/** Connections an app may have at once. */
const maxConnections = 10;

/** Why Slack ends a connection. */
export type DisconnectReason = 'warning' | 'refresh_requested' | 'too_many_websockets' | 'link_disabled';

/** One WebSocket of an app. */
export interface SocketView {
  readonly id: number;
  readonly app: string;
  readonly open: boolean;
  /** Envelopes sent to it. */
  readonly sent: number;
  /** Pings of ours that it answered. */
  readonly pongs: number;
}

/** The sockets of Socket Mode, seen from Slack. */
export interface Sockets {
  /** Open connections, oldest first. */
  readonly connections: (app?: string) => readonly SocketView[];
  readonly envelopes: readonly EnvelopeView[];
  /**
   * Sends `disconnect` to one connection or to all. `warning` leaves it open; after every other reason it still gets
   * envelopes for `closeAfterMs`, default 0, and is then closed.
   */
  readonly disconnect: (reason: DisconnectReason, connection?: number, closeAfterMs?: number) => void;
  /** Cuts connections without a word. */
  readonly drop: (connection?: number) => void;
  /** From now on the connection is open and dead: it reads nothing, answers no ping, and still gets envelopes. */
  readonly deafen: (connection: number) => void;
  readonly ping: (connection?: number) => void;
  /** Sends any text to a connection. */
  readonly sendRaw: (connection: number, text: string) => void;
  /** Sends an envelope again, with its old id. */
  readonly resend: (envelope: string) => Promise<Delivery>;
}

interface Socket {
  readonly id: number;
  readonly app: string;
  readonly connection: Connection;
  open: boolean;
  deaf: boolean;
  sent: number;
  pongs: number;
}

export interface SocketMode {
  readonly sockets: Sockets;
  readonly onUpgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Sends a notice to any one connection of the app, and waits for its acknowledgement. */
  readonly deliver: (app: SlackApp, notice: Notice) => Promise<Delivery>;
}

export interface SocketPorts {
  readonly changed: () => void;
  readonly violation: (text: string) => void;
  /** Status with which the next handshake is refused; 0 cuts it, undefined lets it pass. */
  readonly refuse: () => number | undefined;
}

/** The address of a new connection, good for one handshake. */
export function issueTicket(slack: Workspace, app: SlackApp): string {
  const ticket = randomBytes(16).toString('hex');
  slack.tickets.set(ticket, app.id);
  return `${slack.origin.replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${app.id}`;
}

/** Serves Socket Mode: one-use addresses, hello, envelopes to any one connection, acknowledgements within three seconds. */
export function socketMode(slack: Workspace, ports: SocketPorts): SocketMode {
  const all: Socket[] = [];
  const envelopes: Envelope[] = [];
  const random = slack.options.random ?? seeded(1);
  const openOf = (app?: string) => all.filter((one) => one.open && (app ?? one.app) === one.app);
  const chosen = (connection?: number) => openOf().filter((one) => (connection ?? one.id) === one.id);

  const receive = (socket: Socket, text: string) => {
    const message = parsed(text);
    const id = message?.['envelope_id'];
    const envelope = envelopes.find((one) => one.id === id);
    if (envelope === undefined) return ports.violation(`a socket got ${text.slice(0, 200)}`);
    if (envelope.connection !== socket.id) ports.violation('an acknowledgement through another connection');
    if (envelope.settle === undefined) return;
    envelope.acknowledged = true;
    envelope.answer = message?.['payload'];
    envelope.settle({ status: 200, warning: undefined });
    ports.changed();
  };

  const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(req.url ?? '/', 'http://fake.invalid');
    const ticket = url.searchParams.get('ticket') ?? '';
    const app = slack.tickets.get(ticket);
    const refused = ports.refuse();
    if (refused === 0) return void socket.destroy();
    if (refused !== undefined) return refuseUpgrade(socket, refused, 'Refused');
    if (app === undefined || url.pathname !== '/link/') return refuseUpgrade(socket, 401, 'Unauthorized');
    slack.tickets.delete(ticket);
    const connection = acceptWebSocket(req, socket, head, {
      text: (text) => receive(one, text),
      violation: ports.violation,
      pong() {
        one.pongs += 1;
        ports.changed();
      },
      gone() {
        one.open = false;
        for (const envelope of envelopes)
          if (envelope.connection === one.id)
            envelope.settle?.({ status: undefined, warning: 'connection_failed' });
        ports.changed();
      },
      deaf: () => one.deaf,
    });
    if (connection === undefined) return;
    const one: Socket = { id: all.length + 1, app, connection, open: true, deaf: false, sent: 0, pongs: 0 };
    all.push(one);
    if (openOf(app).length > maxConnections) return end(one, 'too_many_websockets');
    connection.send(JSON.stringify(hello(app, openOf(app).length)));
    const pings = setInterval(() => {
      if (!one.deaf) connection.ping();
    }, slack.options.pingEveryMs ?? 10_000).unref();
    socket.once('close', () => clearInterval(pings));
    ports.changed();
  };

  const send = (envelope: Envelope): Promise<Delivery> => {
    const start = performance.now();
    const open = openOf(envelope.app);
    const socket = open[Math.floor(random() * open.length)];
    return new Promise((resolve) => {
      const settle: NonNullable<Envelope['settle']> = ({ status, warning }) => {
        clearTimeout(timer);
        envelope.settle = undefined;
        const answered = envelope.takesAnswer && envelope.answer !== undefined;
        const body = answered ? JSON.stringify(envelope.answer) : '';
        resolve({ status, warning, body, headers: {}, ms: performance.now() - start, request: undefined });
      };
      const timeout = slack.options.ackWithinMs ?? 3000;
      const timer = setTimeout(() => settle({ status: undefined, warning: 'operation_timeout' }), timeout);
      if (socket === undefined) return settle({ status: undefined, warning: 'no_connection' });
      envelope.settle = settle;
      envelope.connection = socket.id;
      socket.sent += 1;
      socket.connection.send(envelope.text);
    });
  };

  return {
    onUpgrade,
    deliver(app, notice) {
      const envelope = envelopeOf(app, notice);
      envelopes.push(envelope);
      return send(envelope);
    },
    sockets: {
      connections: (app) => openOf(app === undefined ? undefined : appOf(slack, app).id),
      envelopes,
      disconnect(reason, connection, closeAfterMs = 0) {
        for (const one of chosen(connection)) end(one, reason, closeAfterMs);
      },
      drop(connection) {
        for (const one of chosen(connection)) one.connection.destroy();
      },
      deafen(connection) {
        for (const one of chosen(connection)) one.deaf = true;
      },
      ping(connection) {
        for (const one of chosen(connection)) one.connection.ping();
      },
      sendRaw(connection, text) {
        for (const one of chosen(connection)) one.connection.send(text);
      },
      resend(id) {
        const envelope = envelopes.find((one) => one.id === id);
        if (envelope === undefined) throw new Error(`fake Slack sent no envelope ${id}`);
        return send(envelope);
      },
    },
  };
}

function end(socket: Socket, reason: DisconnectReason, closeAfterMs = 0): void {
  const info = { host: 'applink-fake', build_number: 1 };
  socket.connection.send(JSON.stringify({ type: 'disconnect', reason, debug_info: info }));
  if (reason === 'warning') return;
  const close = () => {
    socket.open = false;
    socket.connection.close(1000, reason);
  };
  if (closeAfterMs === 0) close();
  else setTimeout(close, closeAfterMs).unref();
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
