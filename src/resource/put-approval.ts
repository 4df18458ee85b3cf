import type { Build } from './build.ts';
import type { ApprovalPut } from './params.ts';
import type { Answer } from './put-message.ts';
import type { StepContext } from './run-step.ts';

/** Not there yet. */
export function putApproval(_put: ApprovalPut, _build: Build, _context: StepContext): Promise<Answer> {
  return Promise.reject(new Error('comes next'));
}
