/** An answer `ok: false` with one of Slack's codes. */
export class Refusal extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, details: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** A refusal whose `response_metadata.messages` says what is wrong, as Slack does for arguments and blocks. */
export function refusalWith(code: string, messages: readonly string[]): Refusal {
  const errors = messages.map((message) => message.replace(/^\[ERROR\] /, ''));
  return new Refusal(code, { errors, response_metadata: { messages } });
}
