import type { Build } from './build.ts';
import type { ClaimPut } from './params.ts';
import type { Answer } from './put-message.ts';
import type { StepContext } from './run-step.ts';

/** Not there yet. */
export function putClaim(_put: ClaimPut, _build: Build, _context: StepContext): Promise<Answer> {
  return Promise.reject(new Error('comes next'));
}
