/** Milliseconds of a Go duration (`1h30m`, `10s`, `500ms`); undefined where Go's `time.ParseDuration` refuses. */
export declare function parseGoDuration(text: string): number | undefined;
