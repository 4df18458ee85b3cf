/** JSON as Go's encoding/json writes it: map keys sorted, and `<`, `>`, `&` escaped. */
export declare function encodeJson(value: unknown): string;
/**
 * The first JSON value of a text, as Go's `Decoder.Decode` reads it: text before the value is an error, text after
 * it is ignored (concourse.md 1.1, "stdout parsing").
 */
export declare function decodeFirst(text: string): unknown;
