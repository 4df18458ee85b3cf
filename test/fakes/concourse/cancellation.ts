/** Why a build's context ended: somebody aborted it. */
export class Canceled extends Error {
  override readonly name = 'Canceled';
  constructor() {
    super('interrupted');
  }
}

/** Why a step's context ended: its `timeout` passed. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor() {
    super('timeout exceeded');
  }
}

/** A context that ends with its parent, or with {@link DeadlineExceeded} after `ms`; call `clear` when done. */
export function withTimeout(parent: AbortSignal, ms: number): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlineExceeded()), ms);
  return { signal: AbortSignal.any([parent, controller.signal]), clear: () => clearTimeout(timer) };
}

/** Go's `errors.Is(err, context.Canceled)`: also true for an error inside an aggregate. */
export function isCanceled(error: unknown): boolean {
  return includes(error, (each) => each instanceof Canceled);
}

/** Go's `errors.Is(err, context.DeadlineExceeded)`. */
export function isDeadlineExceeded(error: unknown): boolean {
  return includes(error, (each) => each instanceof DeadlineExceeded);
}

/** One error of several (hashicorp/go-multierror); a single one stays itself. */
export function combineErrors(errors: readonly unknown[]): unknown {
  return errors.length === 1
    ? errors[0]
    : new AggregateError(errors, errors.map((each) => messageOf(each)).join('\n'));
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function includes(error: unknown, matches: (error: unknown) => boolean): boolean {
  if (matches(error)) return true;
  return error instanceof AggregateError && error.errors.some((each: unknown) => includes(each, matches));
}
