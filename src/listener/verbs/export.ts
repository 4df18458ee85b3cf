import type { Verb } from '../verb.ts';
import { allRecords } from './list.ts';
import { readOptions } from './options.ts';

/** Writes the audit as JSON lines: each entry with its MAC, and each record's end, from which a missing record shows. */
export const exportAudit: Verb = {
  name: 'export',
  usage: '',
  summary: 'writes the audit as JSON lines, to be kept where the listener cannot change it',
  async run({ store, say }, args) {
    readOptions(args, [], {});
    const opened = await store();
    for await (const record of allRecords(opened, {})) {
      const { id, status, audit } = record;
      // An entry is in its record until it is known to be stored, and may be in both.
      const items = [...audit.pending, ...(await opened.readAudit(id))].filter(({ seq }) => seq <= audit.seq);
      const entries = [...new Map(items.map((item) => [item.seq, item])).values()];
      for (const item of entries.toSorted((a, b) => a.seq - b.seq)) say(lineOf(item));
      if (audit.seq > 0) say(lineOf({ record: id, status, seq: audit.seq, head: audit.head }));
    }
    return 0;
  },
};

// Whatever changes a line on its way out would break its MAC: control characters are written as JSON escapes.
function lineOf(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
