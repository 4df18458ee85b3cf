import { checkConfig } from './check-config.ts';
import type { Verb } from './verb.ts';
import { approve } from './verbs/approve.ts';
import { backup } from './verbs/backup.ts';
import { exportAudit } from './verbs/export.ts';
import { list } from './verbs/list.ts';
import { migrate } from './verbs/migrate.ts';
import { restore } from './verbs/restore.ts';
import { retry } from './verbs/retry.ts';
import { show } from './verbs/show.ts';
import { verifyAudit } from './verbs/verify-audit.ts';
import { withdraw } from './verbs/withdraw.ts';

/** Every verb of `listener VERB`; each has its row in docs/operations.md. */
export const verbs: readonly Verb[] = [
  checkConfig,
  list,
  show,
  retry,
  withdraw,
  approve,
  migrate,
  verifyAudit,
  exportAudit,
  backup,
  restore,
];

/** The text of `listener --help`. */
export function usage(): string {
  const width = Math.max(...verbs.map((verb) => callOf(verb).length));
  const lines = verbs.map((verb) => `  ${callOf(verb).padEnd(width)}  ${verb.summary}`);
  return [
    'listener [--config FILE] [--role all|intake|worker] [VERB]',
    '',
    'Without a verb it runs. The configuration is --config or LISTENER_CONFIG; see docs/operations.md.',
    '',
    ...lines,
  ].join('\n');
}

function callOf({ name, usage: after }: Verb): string {
  return after === '' ? name : `${name} ${after}`;
}
