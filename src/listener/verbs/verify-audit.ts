import { auditProblems } from '../../durable/audit-problems.ts';
import { createAuditChain } from '../../durable/audit.ts';
import { auditKeyOf } from '../audit-key.ts';
import type { Verb } from '../verb.ts';
import { allRecords } from './list.ts';

/** Follows the chain of every record: changed, missing and cut-off entries, and a status that its last entry does not tell. */
export const verifyAudit: Verb = {
  name: 'verify-audit',
  usage: '',
  summary: 'looks for changed, missing and cut-off entries of the audit; exit code 1 when there are any',
  async run({ config, store, say, warn }) {
    const chain = createAuditChain(auditKeyOf(config));
    const opened = await store();
    let records = 0;
    let entries = 0;
    let problems = 0;
    for await (const record of allRecords(opened, {})) {
      const found = await auditProblems(record, opened, chain);
      records += 1;
      entries += record.audit.seq;
      problems += found.length;
      for (const problem of found) say(problem);
    }
    warn(`listener: ${records} records, ${entries} entries, ${problems} problems`);
    return problems > 0 ? 1 : 0;
  },
};
