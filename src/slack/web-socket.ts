import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import tls from 'node:tls';
import { messageOf } from '../kit/fault.ts';
import { isRecord } from '../kit/json.ts';
import { proxyFor } from '../kit/proxy.ts';
import { trustedCertificates } from '../kit/trust.ts';

export interface LineListener {
  readonly message: (text: string) => void;
  readonly ping: () => void;
  /** Once, whether it was ever open or not. */
  readonly close: (why: string) => void;
}

/** A WebSocket as Socket Mode needs it. */
export interface WebSocketLine {
  listen(listener: LineListener): void;
  /** False when it is not open any more. */
  send(text: string): boolean;
  close(): void;
}

export type OpenLine = (url: URL) => WebSocketLine;

const PING = 'undici:websocket:ping';

/**
 * Opens lines by Node's own WebSocket. It takes no agent, so the proxy and the CAs of the environment are set for the whole
 * process here, once, as kit/http.ts reads them.
 */
export function createLines(env: NodeJS.ProcessEnv): OpenLine {
  const proxy = proxyFor('https://wss-primary.slack.com', env);
  if (proxy !== undefined) {
    http.setGlobalProxyFromEnv({
      https_proxy: proxy,
      http_proxy: '',
      no_proxy: env['no_proxy'] ?? env['NO_PROXY'],
    });
  }
  const ca = trustedCertificates(env);
  if (ca !== undefined) tls.setDefaultCACertificates(ca);
  return openLine;
}

/** A line to a URL. Pings are not shown by the standard interface; Node tells of them on a diagnostics channel. */
function openLine(url: URL): WebSocketLine {
  const socket = new WebSocket(url);
  return {
    listen(listener) {
      const onPing = (message: unknown): void => {
        if (isRecord(message) && message['websocket'] === socket) listener.ping();
      };
      let why = '';
      subscribe(PING, onPing);
      socket.addEventListener('message', ({ data }) => listener.message(String(data)));
      socket.addEventListener('error', (event) => {
        why = 'error' in event ? messageOf(event.error) : 'connection failed';
      });
      socket.addEventListener('close', ({ code, reason }) => {
        unsubscribe(PING, onPing);
        listener.close([String(code), reason, why].filter((part) => part !== '').join(' '));
      });
    },
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close() {
      socket.close(1000);
    },
  };
}
