import type { Verb } from '../verb.ts';
import { allRecords } from './list.ts';

/** Writes the audit as JSON lines: each entry with its MAC, and each record's end, from which a missing record shows. */
export const exportAudit: Verb = {
  name: 'export',
  usage: '',
  summary: 'writes the audit as JSON lines, to be kept where the listener cannot change it',
  async run({ store, say }) {
    const opened = await store();
    for await (const record of allRecords(opened, {})) {
      for (const item of await opened.readAudit(record.id)) say(JSON.stringify(item));
      for (const item of record.audit.pending) say(JSON.stringify(item));
      if (record.audit.seq > 0)
        say(
          JSON.stringify({
            record: record.id,
            status: record.status,
            seq: record.audit.seq,
            head: record.audit.head,
          }),
        );
    }
    return 0;
  },
};
