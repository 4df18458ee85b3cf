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
  return new Refusal(code, { response_metadata: { messages }, errors: messages });
}
