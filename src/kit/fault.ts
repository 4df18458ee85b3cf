/** Every expected failure has one of these codes; each has a row with its remedy in the README. */
export type FaultCode =
  | 'REQUEST_INVALID'
  | 'SOURCE_INVALID'
  | 'PARAMS_INVALID'
  | 'TEMPLATE_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_REFUSED'
  | 'FILE_INVALID'
  | 'WRITE_FAILED'
  | 'BLOCKS_INVALID'
  | 'KEY_REFUSED'
  | 'TYPE_REFUSED'
  | 'SIZE_REFUSED'
  | 'LINK_TOO_LONG'
  | 'AWS_IDENTITY'
  | 'S3_NOT_FOUND'
  | 'S3_REFUSED'
  | 'S3_EXPIRED'
  | 'S3_FAILED'
  | 'S3_UNREACHABLE'
  | 'SLACK_REFUSED'
  | 'SLACK_RATE_LIMITED'
  | 'SLACK_FAILED'
  | 'SLACK_UNREACHABLE'
  | 'SLACK_OUTCOME_UNKNOWN'
  | 'SLACK_NOT_SHARED'
  | 'APPROVAL_DENIED'
  | 'APPROVAL_TIMED_OUT'
  | 'APPROVAL_WITHDRAWN'
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_REFUSED'
  | 'LISTENER_REFUSED'
  | 'LISTENER_FAILED'
  | 'LISTENER_UNREACHABLE'
  | 'GATEWAY_REFUSED'
  | 'GATEWAY_FAILED'
  | 'GATEWAY_UNREACHABLE'
  | 'GATEWAY_TIMEOUT'
  | 'GATEWAY_OUTCOME_UNKNOWN'
  | 'STORE_UNAVAILABLE'
  | 'STORE_OWNED'
  | 'STORE_REFUSED'
  | 'STORE_VERSION'
  | 'STORE_TOO_LARGE'
  | 'STORE_CORRUPT'
  | 'CONFIG_INVALID'
  | 'LISTEN_FAILED'
  | 'RECORD_UNKNOWN'
  | 'RECORD_REFUSED'
  | 'STOPPED';

export interface FaultDetails {
  /** What the reader does about it, in one line without a full stop. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure: one line that says what happened, a hint that says what to do. Anything else is a bug. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly hint: string | undefined;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'Fault';
    this.code = code;
    this.hint = details.hint;
  }
}

/** The message of anything that was thrown, for use inside a Fault's own sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNRESET`), if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
