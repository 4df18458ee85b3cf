/**
 * Replaces every known secret by `((redacted))`, as Concourse does before a log line is stored: each line of a
 * multi-line secret by itself, single characters never, encoded or derived forms not recognised (concourse.md 1.9).
 */
export declare function redact(text: string, secrets: Iterable<string>): string;
/** Collects output and hands it on in whole lines, redacted with the secrets known at that moment. */
export declare class RedactingWriter {
    #private;
    constructor(secrets: () => Iterable<string>, save: (text: string) => void);
    write(chunk: string): void;
    close(): void;
}
