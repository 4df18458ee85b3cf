import type { Snapshot } from '../durable/machine.ts';
import type { CastPorts } from './cast.ts';
import { promptly } from './patience.ts';
import { openedTerms } from './record.ts';
import type { Approval } from './record.ts';
import { mayDecide } from './voters.ts';
import type { Eligibility } from './voters.ts';
import { refusalWords } from './words.ts';

/**
 * Saves that somebody began to deny a request that silence would approve; when it resolves, that is on disk. Nothing is saved
 * for those who may not decide, where Slack says so in time. Resolves to what the person is to be told, if anything.
 */
export async function castDoubt(
  { id, data }: Snapshot<Approval>,
  doubt: { readonly user: string; readonly at: number },
  ports: CastPorts,
): Promise<string | undefined> {
  if (openedTerms(data).onTimeout === 'deny') return undefined;
  const found = await judged(doubt.user, data, ports);
  if (found !== undefined && !found.ok) {
    ports.refused(found.reason);
    return refusalWords(found.reason);
  }
  await ports.approvals.send(id, { type: 'doubt', ...doubt });
  return undefined;
}

// Undefined where Slack does not say.
async function judged(
  user: string,
  { terms }: Approval,
  { directory, clock }: CastPorts,
): Promise<Eligibility | undefined> {
  const asked = mayDecide(user, terms, directory).catch(() => undefined);
  const found = await promptly(asked, clock);
  return found === 'slow' ? undefined : found;
}
