import type { Incoming, Outgoing } from '../kit/incoming.ts';
import { tryParseJson } from '../kit/json.ts';
import { joinProblems, problemsIn } from '../kit/schema-problems.ts';
import type { Validator } from '../kit/schema-problems.ts';
import type { ErrorView } from './contract.ts';
import type { Caller } from './route-ports.ts';

const WORDS = { advise: () => '', pattern: () => 'has the wrong form' };

/** A gate that is not there, or not for this token: the two look alike. */
export function unknownGate(gate: string, caller: Caller): Outgoing {
  return failed(
    404,
    'not_found',
    `there is no gate ${JSON.stringify(gate.slice(0, 100))} for the token ${caller.name}`,
    'gates and who may use them stand in the configuration of the listener',
  );
}

/** An approval that is not there, or another team's. */
export function notFound(): Outgoing {
  return failed(404, 'not_found', 'there is no such approval for this token');
}

/** An approval of another pipeline, or another instance of it, that uses the same token. */
export function elsewhere(): Outgoing {
  return failed(
    409,
    'conflict',
    'the decision was asked for by another pipeline, or another instance of it',
    'ask in this pipeline: a decision counts only where it was asked for',
  );
}

/** The token, or the gate, has as many open requests as it may. */
export function tooManyOpen(whose: string, most: number): Outgoing {
  const requests = most === 1 ? 'an open request' : `${most} open requests`;
  return failed(
    429,
    'too_many_open',
    `${whose} has ${requests} already, as many as it may`,
    'have some decided or withdrawn, or let the operator raise its max_open: listener list --status open shows them',
  );
}

/** The answer of a request that was not done. */
export function failed(
  status: number,
  code: ErrorView['error']['code'],
  message: string,
  hint?: string,
): Outgoing {
  const body: ErrorView = { error: { code, message, ...(hint !== undefined && { hint }) } };
  return { status, body };
}

/** The body as a request of /v1, or the answer that says what is wrong with it. */
export function parsed<T>(
  request: Incoming,
  validate: Validator,
  is: (value: unknown) => value is T,
): T | (Outgoing & { status: number }) {
  const value = tryParseJson(request.body.toString('utf8'));
  if (value === undefined) return failed(400, 'invalid', 'the body is not JSON');
  const problems = validate(value) ? [] : problemsIn('body', validate, value, WORDS);
  if (problems.length > 0 || !is(value)) return failed(400, 'invalid', joinProblems(problems));
  return value;
}
