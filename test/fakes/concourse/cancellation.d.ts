/** Why a build's context ended: somebody aborted it. */
export declare class Canceled extends Error {
    readonly name = "Canceled";
    constructor();
}
/** Why a step's context ended: its `timeout` passed. */
export declare class DeadlineExceeded extends Error {
    readonly name = "DeadlineExceeded";
    constructor();
}
/** A context that ends with its parent, or with {@link DeadlineExceeded} after `ms`; call `clear` when done. */
export declare function withTimeout(parent: AbortSignal, ms: number): {
    signal: AbortSignal;
    clear: () => void;
};
/** Go's `errors.Is(err, context.Canceled)`: also true for an error inside an aggregate. */
export declare function isCanceled(error: unknown): boolean;
/** Go's `errors.Is(err, context.DeadlineExceeded)`. */
export declare function isDeadlineExceeded(error: unknown): boolean;
/** One error of several (hashicorp/go-multierror); a single one stays itself. */
export declare function combineErrors(errors: readonly unknown[]): unknown;
/** The text of whatever was thrown. */
export declare function messageOf(error: unknown): string;
