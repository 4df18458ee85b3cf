/** A parsed `((source:path.field))`; the source of a local variable is `.`. */
export interface VarReference {
    readonly source: string;
    readonly path: string;
    readonly fields: readonly string[];
    /** The text between the parentheses. */
    readonly text: string;
}
/** Parses the text between `((` and `))`; quotes protect dots and colons: `(("slack.token"))`. */
export declare function parseReference(text: string): VarReference;
