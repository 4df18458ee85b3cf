import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Redactor } from '../kit/redact.ts';
import type { LogLevel } from './config/config.ts';

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The listener's log: a static text, and fields for what differs. Never a body, a header or a query string. */
export interface ListenerLog extends Log {
  debug(line: string, fields?: Fields): void;
  info(line: string, fields?: Fields): void;
  warn(line: string, fields?: Fields): void;
  error(line: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  readonly redactor: Redactor;
  readonly clock: Clock;
  /** The least level written, asked at each line. */
  readonly level: () => LogLevel;
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one JSON object a line, without secrets and control characters. */
export function createListenerLog({ write, redactor, clock, level }: LogOptions): ListenerLog {
  const at =
    (own: LogLevel) =>
    (line: string, fields: Fields = {}) => {
      if (ORDER[own] < ORDER[level()]) return;
      const time = new Date(clock.now()).toISOString();
      write(`${redactor.redact(JSON.stringify({ time, level: own, msg: line, ...fields }))}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
