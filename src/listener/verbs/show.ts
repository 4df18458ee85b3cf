import { formatYaml } from '../../kit/yaml.ts';
import type { Verb } from '../verb.ts';
import { readOptions } from './options.ts';
import { idOf, unknown } from './records.ts';

/** Shows all of a record: its state, what is still to be done for it with the last errors, and its history. */
export const show: Verb = {
  name: 'show',
  usage: 'ID',
  summary: 'shows a record, what is still to be done for it, and its history',
  async run(context, args) {
    const { words } = readOptions(args, ['ID'], {});
    const id = await idOf(words[0] ?? '', context);
    const store = await context.store();
    const [record, items] = await Promise.all([store.read(id), store.readAudit(id)]);
    if (record === undefined) throw unknown(id);
    const { effects, data, status, version, createdAt, updatedAt, audit } = record;
    const seen = new Set(items.map(({ seq }) => seq));
    const history = [...items, ...audit.pending.filter(({ seq }) => !seen.has(seq))];
    const shown = {
      id,
      status,
      version,
      created: iso(createdAt),
      updated: iso(updatedAt),
      to_do: effects.map(({ key, nextAt, attempts, lease, lastError }) => ({
        key,
        at: iso(nextAt),
        ...(attempts > 0 && { attempts }),
        ...(lease && { running_until: iso(lease.until) }),
        ...(lastError !== undefined && { last_error: lastError }),
      })),
      data: withoutSecrets(data),
      history: withoutSecrets(history.map(({ seq, at, entry }) => ({ seq, at: iso(at), ...entry }))),
    };
    context.say(formatYaml(JSON.parse(JSON.stringify(shown))).trimEnd());
    return 0;
  },
};

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

// A presigned link is a credential (P28), and so is what ties a button to its card.
function withoutSecrets(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, child: unknown) => {
      if (key === 'nonce' || key === 'responseUrl') return '***';
      if (key === 'url' && typeof child === 'string') return child.replace(/\?.*$/s, '?***');
      return child;
    }),
  );
}
