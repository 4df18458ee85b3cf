/**
 * Replaces every known secret by `((redacted))`, as Concourse does before a log line is stored: each line of a
 * multi-line secret by itself, single characters never, encoded or derived forms not recognised (concourse.md 1.9).
 */
export function redact(text: string, secrets: Iterable<string>): string {
  let redacted = text;
  for (const secret of secrets) {
    for (const line of secret.split('\n').map((each) => each.trim())) {
      if (line.length > 1) redacted = redacted.replaceAll(line, '((redacted))');
    }
  }
  return redacted;
}

/** Collects output and hands it on in whole lines, redacted with the secrets known at that moment. */
export class RedactingWriter {
  readonly #secrets: () => Iterable<string>;
  readonly #save: (text: string) => void;
  #dangling = '';

  constructor(secrets: () => Iterable<string>, save: (text: string) => void) {
    this.#secrets = secrets;
    this.#save = save;
  }

  write(chunk: string): void {
    const text = this.#dangling + chunk;
    const end = text.includes('\n') ? text.lastIndexOf('\n') : text.lastIndexOf('\r');
    // Concourse also flushes a line that stays open for 1 s; this writer waits for its end.
    this.#dangling = text.slice(end + 1);
    if (end >= 0) this.#save(redact(text.slice(0, end + 1), this.#secrets()));
  }

  close(): void {
    if (this.#dangling !== '') this.#save(redact(this.#dangling, this.#secrets()));
    this.#dangling = '';
  }
}
